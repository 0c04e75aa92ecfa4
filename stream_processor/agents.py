"""The agents: what happens with each record of `readings`, `user-models` and `alarm-actions`."""

from collections.abc import Awaitable, Callable
from typing import Any

from prometheus_client import Counter

from stream_processor.desk import Desk, Output
from stream_processor.flood import Flood
from stream_processor.person import Person, scored
from stream_processor.record import Record, reading_in, set_aside
from stream_processor.shelf import Row, Shelf
from stream_processor.standing import Kind, S, is_new
from wardstream.contracts.malformed import Malformed
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.logs import logger
from wardstream.runtime.metrics import PROCESSOR_REPEATED, PROCESSOR_SCORED
from wardstream.scoring.limits import Limits
from wardstream.scoring.state import UnreadableState

_MICROSECONDS = 1_000_000
Stream = Any
Agent = Callable[[Stream], Awaitable[None]]


class Readings:
    """Scores `readings`, one at a time in each partition's order, and hands the results to the desk."""

    def __init__(self, desk: Desk, states: Shelf, models: Shelf, own_limits: Shelf, limits: Limits) -> None:
        self._desk = desk
        self._states = states
        self._models = models
        self._own_limits = own_limits
        self._limits = limits
        self._flood = Flood()

    async def run(self, stream: Stream) -> None:
        """The agent. Acknowledging is the desk's."""
        async for event in stream.noack().events():
            self._take(event)
            await self._desk.room()

    def _take(self, event: Any) -> None:
        record = _record(event)
        try:
            outputs, row = self._scored(record)
        except Malformed as why:
            self._stop_if_flooded(refused=True)
            outputs, row = [set_aside(record, why)], None
        else:
            self._stop_if_flooded(refused=False)
        self._desk.hold(event, outputs, row)

    def _scored(self, record: Record) -> tuple[list[Output], Row | None]:
        reading = reading_in(record)
        key = reading.user_id.encode()
        person = Person(self._states.get(key), self._models.get(key), self._own_limits.get(key))
        try:
            state, outcome = scored(person, reading, self._limits)
        except UnreadableState as error:
            raise CannotRun(
                f"a row of the state topic can't be read ({error}): run the build that wrote it"
            ) from error
        if state is None:
            PROCESSOR_REPEATED.inc()
            return [], None
        PROCESSOR_SCORED.inc()
        row = Row(key, record.partition, state)
        self._states.place(row)
        return [*outcome.anomalies, *outcome.alarms], row

    def _stop_if_flooded(self, *, refused: bool) -> None:
        if self._flood.saw(refused=refused):
            raise CannotRun(
                "nearly all of the last 1000 records of readings hold no reading: is this build too old?"
            )


def keep_latest(shelf: Shelf, kind: Kind[S], taken: Counter) -> Agent:
    """An agent that keeps on `shelf` what stands for a person, as it came, until something newer or a tombstone comes.

    A record that says nothing of this kind, or speaks for another person than its key, changes nothing and is logged.
    """

    async def run(stream: Stream) -> None:
        async for event in stream.events():
            record = _record(event)
            try:
                if record.key is not None and is_new(record, shelf.get(record.key), kind):
                    row = Row(record.key, record.partition, record.value)
                    shelf.place(row)
                    await shelf.write([row])
                    taken.inc()
            except Malformed as why:
                logger().warning("standing_record_refused", reason=why.reason, topic=event.message.topic)

    return run


def _record(event: Any) -> Record:
    message = event.message
    return Record(event.key, event.value, message.partition, int(message.timestamp * _MICROSECONDS))
