"""One partition in memory: its people, how far it has come, and what it has to say. No I/O.

Everything changes only in `take`, which never waits; `snapshot` therefore always holds a state, the offsets it is true
of and every output made on the way there.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from stream_processor.flood import Flood
from stream_processor.people import People
from stream_processor.record import Record, action_in, model_in, reading_in, set_aside
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.alarm_action import Forget
from wardstream.contracts.anomaly import Anomaly
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.rejected import Rejected
from wardstream.contracts.topics import ALARM_ACTIONS, READINGS, USER_MODELS
from wardstream.scoring.limits import Limits, for_person
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

Output = Anomaly | Alarm | Rejected

_NO_KEY = b""
SOURCES = (READINGS.name, USER_MODELS.name, ALARM_ACTIONS.name)


class Taken(NamedTuple):
    """What became of a batch. `refused` holds the reasons of the models and actions that were passed over.

    `missing`: offsets between what was applied before and this batch. Kafka deleted them before they were read.
    """

    scored: int = 0
    repeated: int = 0
    models: int = 0
    limits: int = 0
    forgotten: int = 0
    refused: tuple[str, ...] = ()
    missing: int = 0


class Snapshot(NamedTuple):
    """What one checkpoint writes: the rows of those changed (None: forgotten), what they said, and the offsets all this is true of."""

    rows: list[tuple[bytes, bytes | None]]
    outputs: list[Output]
    next_offsets: dict[str, int]


class Partition:
    """People, progress and outputs of one partition number over the three source topics."""

    def __init__(self, people: People, next_offsets: dict[str, int], limits: Limits) -> None:
        self.people = people
        self.next_offsets = next_offsets
        self.outputs: list[Output] = []
        self.alarms_held = 0
        self._limits = limits
        # Few people have limits of their own; theirs are worked out once.
        self._own: dict[bytes, Limits] = {}
        self._flood = Flood()

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
        return Snapshot(self.people.changed_rows(), outputs, dict(self.next_offsets))

    def _score(self, records: Sequence[Record]) -> Taken:
        people, own, everybody, outputs = self.people, self._own, self._limits, self.outputs
        awake, changed = people.awake, people.changed
        repeated = malformed = 0
        for record in records:
            key = record.key or _NO_KEY
            try:
                reading = reading_in(key, record.value)
            except Malformed as why:
                malformed += 1
                self._refuse(record, why)
                continue
            state = awake.get(key) or people.wake(key)
            limits = everybody if state.own_limits is None else own.get(key) or self._limits_of(key, state)
            outcome = score(state, reading, limits)
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
        refused, taken, forgotten = [], 0, 0
        for record in records:
            try:
                key, action = action_in(record)
            except Malformed as why:
                refused.append(why.reason)
                continue
            self._own.pop(key, None)
            if isinstance(action, Forget):
                self.people.forget(key)
                forgotten += 1
                continue
            state = self._state(key)
            taken += self._mark(
                key, state, forget_limits(state) if action is None else take_limits(state, action)
            )
        return Taken(limits=taken, forgotten=forgotten, refused=tuple(refused))

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
