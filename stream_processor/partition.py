"""One partition in memory: its people, how far it has come, and what it has to say. No I/O.

Everything changes only in `take` and `tick`, which never wait; `snapshot` therefore always holds a state, the offsets it is true
of and every output made on the way there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from stream_processor.deadlines import Deadlines, whole_seconds
from stream_processor.flood import Flood
from stream_processor.people import People
from stream_processor.quietly import Quietly
from stream_processor.record import Record, action_in, model_in, reading_in, set_aside
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.alarm_action import Action, Forget, SetLimits
from wardstream.contracts.anomaly import Anomaly
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.rejected import Rejected
from wardstream.contracts.topics import ALARM_ACTIONS, READINGS, USER_MODELS
from wardstream.scoring.actions import Result, act
from wardstream.scoring.anomalies import flagged
from wardstream.scoring.limits import Limits, for_person
from wardstream.scoring.rows import due_us
from wardstream.scoring.scorer import (
    NOTHING,
    REPEATED,
    forget_limits,
    forget_model,
    score,
    take_limits,
    take_model,
)
from wardstream.scoring.state import PatientState
from wardstream.scoring.timers import Timers, next_due_us, tick

Output = Anomaly | Alarm | Rejected

_NO_KEY = b""
SOURCES = (READINGS.name, USER_MODELS.name, ALARM_ACTIONS.name)
# At one tick, so that a whole ward that falls silent is told over some ticks and not in one breath.
_MOST_DUE = 1_000


class Taken(NamedTuple):
    """What became of a batch. `refused` holds the reasons of the models and actions that were passed over, `actions` what came
    of the others.

    `missing`: offsets between what was applied before and this batch. Kafka deleted them before they were read.
    """

    scored: int = 0
    repeated: int = 0
    models: int = 0
    limits: int = 0
    forgotten: int = 0
    refused: tuple[str, ...] = ()
    missing: int = 0
    actions: tuple[tuple[str, Result], ...] = ()


class Snapshot(NamedTuple):
    """What one checkpoint writes: the rows of those changed (None: forgotten), what they said, and the offsets all this is true of."""

    rows: list[tuple[bytes, bytes | None]]
    outputs: list[Output]
    next_offsets: dict[str, int]


class Partition:
    """People, progress and outputs of one partition number over the three source topics."""

    def __init__(
        self,
        people: People,
        next_offsets: dict[str, int],
        limits: Limits,
        timers: Timers | None = None,
        *,
        has_model: bool = True,
        quietly: Quietly | None = None,
    ) -> None:
        """Without `timers` there is no clock; without `has_model` no personal tier; without `quietly` all is scored in Python."""
        self.people = people
        self.next_offsets = next_offsets
        self.outputs: list[Output] = []
        self.alarms_held = 0
        self._limits = limits
        self._has_model = has_model
        self._quietly = quietly
        # Few people have limits of their own; theirs are worked out once.
        self._own: dict[bytes, Limits] = {}
        self._flood = Flood()
        self._timers = timers
        self._deadlines = Deadlines()
        self._expect(people.resting_rows().items())

    @property
    def is_changed(self) -> bool:
        """Whether there is something to write."""
        return bool(self.people.changed or self.people.forgotten or self.outputs)

    def take(self, topic: str, records: Sequence[Record], position: int, next_position: int) -> Taken:
        """Applies a batch of a source topic, from `position` to before `next_position`; records applied before are skipped.

        `Flooded` if nearly everything lately held no reading; `UnreadableState` if a person's row can't be read. After
        either the partition must not be used any more.
        """
        applied = self.next_offsets.get(topic, 0)
        if records and records[0].offset < applied:
            records = [record for record in records if record.offset >= applied]
        taken = self._apply[topic](self, records)
        missing = max(0, position - applied) if topic in self.next_offsets else 0
        self.next_offsets[topic] = max(applied, next_position)
        return taken._replace(missing=missing) if missing else taken

    def snapshot(self) -> Snapshot:
        """What is not written yet; from now on it counts as being written."""
        outputs, self.outputs, self.alarms_held = self.outputs, [], 0
        rows = self.people.changed_rows()
        self._expect(rows)
        return Snapshot(rows, outputs, dict(self.next_offsets))

    def is_any_due(self, now_us: int) -> bool:
        """Whether a tick may have something to do."""
        return self._deadlines.is_any_due(now_us)

    def tick(self, now_us: int) -> int:
        """Does what the clock has to do by `now_us` (server time, the second begun); how many alarm steps that made.

        Only when everything that arrived before `now_us` has been taken: who is still in the queue is not silent.
        """
        timers, said = self._timers, 0
        if timers is None:
            return said
        now_us = whole_seconds(now_us)
        for key in self._deadlines.due(now_us, _MOST_DUE):
            row = self.people.resting_rows().get(key)
            if row is None and key not in self.people.awake:
                # Forgotten since.
                continue
            if row is not None and due_us(row) > now_us:
                # Heard since, and gone to rest again: nobody need wake for that.
                self._deadlines.expect(key, due_us(row))
                continue
            state = self._state(key)
            steps = tick(state, key.decode(), now_us, timers)
            if steps:
                self.people.changed[key] = state
                self.outputs += steps
                self.alarms_held += len(steps)
                said += len(steps)
            elif row is not None:
                # No checkpoint may come that would put them to rest.
                self.people.doze(key)
            next_us = next_due_us(state, timers)
            if next_us > now_us:
                self._deadlines.expect(key, next_us)
        return said

    def _expect(self, rows: Iterable[tuple[bytes, bytes | None]]) -> None:
        if self._timers is None:
            return
        expect = self._deadlines.expect
        for key, row in rows:
            if row is not None and (due := due_us(row)):
                expect(key, due)

    def _score(self, records: Sequence[Record]) -> Taken:
        people, own, everybody, outputs = self.people, self._own, self._limits, self.outputs
        has_model = self._has_model
        awake, changed = people.awake, people.changed
        repeated = malformed = 0
        for record in records if self._quietly is None else self._loud(list(records), self._quietly):
            key = record.key or _NO_KEY
            try:
                reading = reading_in(key, record.value)
            except Malformed as why:
                malformed += 1
                self._refuse(record, why)
                continue
            state = awake.get(key) or people.wake(key)
            limits = everybody if state.own_limits is None else own.get(key) or self._limits_of(key, state)
            outcome = score(state, reading, limits, has_model)
            if outcome is REPEATED:
                repeated += 1
                continue
            changed[key] = state
            if outcome is not NOTHING:
                outputs += outcome.anomalies
                outputs += outcome.alarms
                self.alarms_held += len(outcome.alarms)
        self._flood.passed(len(records) - malformed)
        return Taken(scored=len(records) - malformed - repeated, repeated=repeated)

    def _loud(self, records: list[Record], quietly: Quietly) -> Iterator[Record]:
        """The records that aren't quiet, one after the other; those between them are scored on the way."""
        people, start = self.people, 0
        while start < len(records):
            flags: list[int] = []
            loud = quietly(
                records, start, people.awake, people.changed, self._limits, self._own, self._has_model, flags
            )
            for place in flags:
                self._flag(records[place])
            if loud < len(records):
                yield records[loud]
            start = loud + 1

    def _flag(self, record: Record) -> None:
        key = record.key or _NO_KEY
        self.outputs += flagged(reading_in(key, record.value), self._own.get(key, self._limits))

    def _refuse(self, record: Record, why: Malformed) -> None:
        self._flood.refused()
        self.outputs.append(set_aside(record, why))

    def _limits_of(self, key: bytes, state: PatientState) -> Limits:
        limits = self._own[key] = for_person(self._limits, state.own_limits)
        return limits

    def _take_models(self, records: Sequence[Record]) -> Taken:
        refused, taken = [], 0
        for record in records:
            try:
                key, model = model_in(record)
            except Malformed as why:
                refused.append(why.reason)
                continue
            state = self._state(key)
            taken += self._mark(
                key, state, forget_model(state) if model is None else take_model(state, model)
            )
        return Taken(models=taken, refused=tuple(refused))

    def _take_actions(self, records: Sequence[Record]) -> Taken:
        refused: list[str] = []
        limits = forgotten = 0
        actions: list[tuple[str, Result]] = []
        for record in records:
            try:
                key, action = action_in(record)
            except Malformed as why:
                refused.append(why.reason)
                continue
            if action is None or isinstance(action, SetLimits):
                limits += self._take_limits(key, action)
            elif isinstance(action, Forget):
                self._own.pop(key, None)
                self.people.forget(key)
                forgotten += 1
            else:
                actions.append((type(action.does).__name__.lower(), self._act(key, action)))
        return Taken(limits=limits, forgotten=forgotten, refused=tuple(refused), actions=tuple(actions))

    def _take_limits(self, key: bytes, own: SetLimits | None) -> bool:
        state = self._state(key)
        self._own.pop(key, None)
        return self._mark(key, state, forget_limits(state) if own is None else take_limits(state, own))

    def _act(self, key: bytes, action: Action) -> Result:
        state = self._state(key)
        acted = act(state, action)
        self._mark(key, state, acted.result == "done")
        if acted.step is not None:
            self.outputs.append(acted.step)
            self.alarms_held += 1
        return acted.result

    def _state(self, key: bytes) -> PatientState:
        return self.people.awake.get(key) or self.people.wake(key)

    def _mark(self, key: bytes, state: PatientState, has_changed: bool) -> bool:
        if has_changed:
            self.people.changed[key] = state
        return has_changed

    _apply: dict[str, Callable[["Partition", Sequence[Record]], Taken]] = {  # noqa: RUF012 -- never changed
        READINGS.name: _score,
        USER_MODELS.name: _take_models,
        ALARM_ACTIONS.name: _take_actions,
    }
