"""The life of an alarm as the world hears of it: active, acknowledged, cleared; every step with the next revision."""

import msgspec

from wardstream.contracts.alarm import Alarm, AlarmKind, AlarmState, Explanation, Priority
from wardstream.scoring.alarms import Change
from wardstream.scoring.care import Care, Standing
from wardstream.scoring.state import PatientState

# High: somebody now; medium: somebody soon; low: a look. Danger values and red values part here, as NEWS2 parts an emergency
# from an urgent response (docs/decisions/0013-priorities.md).
_PRIORITY: dict[AlarmKind, Priority] = {
    "clinical": "medium",
    "personal": "low",
    "silence": "medium",
    "stale": "low",
    "battery": "low",
    "off_body": "low",
}


def priority(kind: AlarmKind, *, is_danger: bool) -> Priority:
    """How soon somebody has to come."""
    return "high" if is_danger else _PRIORITY[kind]


def told(state: PatientState, draft: Alarm, change: Change, said_at_us: int) -> Alarm:
    """The next step of the alarm that `draft` describes (its revision and state are void), noted in `state` as said then.

    Worse makes an alarm active again, whoever acknowledged it; better leaves it as it is. An alarm that a build before
    version 3 raised is not known here: of it one step was said.
    """
    care = state.care if state.care is not None else Care()
    before = care.standing.pop(draft.alarm_id, None)
    step = msgspec.structs.replace(
        draft, revision=_revision(before, change), state=_state(before, change), reminder=0
    )
    if before is not None and change != "worse":
        step = msgspec.structs.replace(
            step,
            acknowledged_by=before.acknowledged_by,
            acknowledged_at_us=before.acknowledged_at_us,
            reminder=before.reminder,
        )
    if change != "cleared":
        care.standing[step.alarm_id] = _standing(step, said_at_us)
    keep(state, care)
    return step


def acknowledged(state: PatientState, alarm_id: str, user_id: str, by: str, at_us: int) -> Alarm | None:
    """The step that acknowledges an active alarm; None (and nothing changed) if it isn't active."""
    standing = state.care.standing.get(alarm_id) if state.care is not None else None
    if standing is None or state.care is None or standing.state != "active":
        return None
    after = msgspec.structs.replace(
        standing,
        revision=standing.revision + 1,
        state="acknowledged",
        acknowledged_by=by,
        acknowledged_at_us=at_us,
    )
    state.care.standing[alarm_id] = after
    return step_of(after, alarm_id, user_id, at_us)


def reminded(state: PatientState, alarm_id: str, user_id: str, now_us: int) -> Alarm:
    """The step that says an active alarm once more."""
    assert state.care is not None  # noqa: S101 -- only a standing alarm is said again
    standing = state.care.standing[alarm_id]
    after = msgspec.structs.replace(
        standing, revision=standing.revision + 1, said_at_us=now_us, reminder=standing.reminder + 1
    )
    state.care.standing[alarm_id] = after
    return step_of(after, alarm_id, user_id, now_us)


def keep(state: PatientState, care: Care) -> None:
    """Puts `care` into `state`; none if there is nothing in it, so that equal people are equal bytes."""
    state.care = None if care.is_empty else care


def step_of(standing: Standing, alarm_id: str, user_id: str, at_us: int) -> Alarm:
    """The standing alarm as a step made at `at_us`."""
    return Alarm(
        alarm_id=alarm_id,
        revision=standing.revision,
        user_id=user_id,
        device_id=standing.device_id,
        kind=standing.kind,
        vital=standing.vital,
        direction=standing.direction,
        priority=standing.priority,
        state=standing.state,
        raised_at_us=standing.raised_at_us,
        at_us=at_us,
        explanation=standing.explanation,
        reminder=standing.reminder,
        acknowledged_by=standing.acknowledged_by,
        acknowledged_at_us=standing.acknowledged_at_us,
    )


def _revision(before: Standing | None, change: Change) -> int:
    if before is not None:
        return before.revision + 1
    return 1 if change == "raised" else 2


def _state(before: Standing | None, change: Change) -> AlarmState:
    if change == "cleared":
        return "cleared"
    return before.state if before is not None and change == "better" else "active"


def _standing(step: Alarm, said_at_us: int) -> Standing:
    return Standing(
        step.revision,
        step.device_id,
        step.kind,
        step.vital,
        step.direction,
        step.priority,
        step.state,
        step.raised_at_us,
        said_at_us,
        _plain(step.explanation),
        step.reminder,
        step.acknowledged_by,
        step.acknowledged_at_us,
    )


def _plain(why: Explanation) -> Explanation:
    """With floats for numbers that code may have written as whole ones: a state is the same bytes before and after it was stored."""
    limit = None if why.limit is None else float(why.limit)
    return msgspec.structs.replace(why, value=float(why.value), limit=limit)
