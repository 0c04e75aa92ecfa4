"""Late readings: what one that is older than the newest of its vital may still do.

Within the allowed lateness it is held against the danger values at its own time, and teaches; it is no evidence. Older still it does
nothing here: it is kept and marked in the lake by its two times. Neither clears an alarm, nor raises again one that is history.
"""

from wardstream.contracts.alarm import Alarm
from wardstream.contracts.anomaly import Direction
from wardstream.contracts.identity import alarm_id
from wardstream.contracts.reading import Reading
from wardstream.contracts.vitals import Vital
from wardstream.scoring import explain, habit
from wardstream.scoring.alarms import Watch
from wardstream.scoring.context import Context
from wardstream.scoring.explain import Sighting
from wardstream.scoring.hush import hush
from wardstream.scoring.lifecycle import priority, told
from wardstream.scoring.limits import DANGER, Bound
from wardstream.scoring.personal import AT_REST_ONLY
from wardstream.scoring.state import PatientState, VitalState, watch_name

# Allowed lateness: a network's retries and a device's outbox, not a night without coverage.
ALLOWED_US = 2 * 60 * 1_000_000
# One late reading is about a twentieth of five minutes of readings every 15 s.
_SHARE = 0.05
_DIRECTIONS: tuple[Direction, ...] = ("low", "high")


def late(
    state: PatientState, known: VitalState, vital: Vital, value: float, reading: Reading, context: Context
) -> list[Alarm]:
    """Takes a late value into `known`; the alarm it raises, if it is a danger value that no alarm has told of."""
    newest = known.newest
    if (
        newest is None
        or newest.at_us - reading.measured_at_us > ALLOWED_US
        or newest.reading_id == reading.reading_id
    ):
        return []
    for direction in _DIRECTIONS:
        bound = _danger(vital, direction, value, context)
        if bound is not None:
            alarm = _raised(state, known, vital, value, reading, context, direction, bound)
            return [] if alarm is None else [alarm]
    _teach(known, vital, value, context)
    return []


def _danger(vital: Vital, direction: Direction, value: float, context: Context) -> Bound | None:
    bounds = DANGER.get(vital)
    bound = None if bounds is None else bounds.towards(direction)
    if bound is None or not bound.is_crossed_by(value, direction):
        return None
    if vital == "heart_rate_bpm" and direction == "high" and not context.is_resting:
        return None
    return bound


def _raised(
    state: PatientState,
    known: VitalState,
    vital: Vital,
    value: float,
    reading: Reading,
    context: Context,
    direction: Direction,
    bound: Bound,
) -> Alarm | None:
    name = watch_name("clinical", direction)
    before = known.watches.get(name)
    if (before is not None and before.is_raised) or reading.measured_at_us <= known.cleared_us:
        return None
    at_us = reading.measured_at_us
    held_back = hush(
        state.care,
        "clinical",
        vital,
        direction,
        measured_at_us=at_us,
        received_at_us=reading.received_at_us,
    )
    if held_back == "everything":
        return None
    watch = Watch(reading.reading_id, at_us, 1, is_raised=True, is_danger=True)
    known.watches = known.watches | {name: watch}
    sight = Sighting(
        reading_id=reading.reading_id,
        measured_at_us=at_us,
        vital=vital,
        value=value,
        is_resting=context.is_resting,
        baseline=known.baseline,
        model_version=state.model_version,
    )
    draft = Alarm(
        alarm_id=alarm_id(reading.user_id, "clinical", f"{vital}:{direction}", reading.reading_id),
        revision=0,
        user_id=reading.user_id,
        device_id=reading.device_id,
        kind="clinical",
        vital=vital,
        direction=direction,
        priority=priority("clinical", is_danger=True),
        state="active",
        raised_at_us=at_us,
        at_us=at_us,
        explanation=explain.clinical(sight, direction, "raised", bound, 0),
    )
    return told(state, draft, "raised", reading.received_at_us)


def _teach(known: VitalState, vital: Vital, value: float, context: Context) -> None:
    model = known.habit
    if model is None or context.number is None or known.watches:
        return
    if context.effort == "rest" or vital not in AT_REST_ONLY:
        habit.learn_little(model, value - habit.expected(model, context.number), _SHARE)
