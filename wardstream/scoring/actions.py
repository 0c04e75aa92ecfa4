"""What people's actions do to one person's state: acknowledge, snooze, open a window."""

from typing import Literal, NamedTuple

from wardstream.contracts.alarm import Alarm
from wardstream.contracts.alarm_action import Acknowledge, Action, Snooze, Window
from wardstream.scoring.care import Care, Maintained, Snoozed
from wardstream.scoring.hush import WHOLE, snooze_name
from wardstream.scoring.lifecycle import acknowledged, keep
from wardstream.scoring.state import PatientState

# `overtaken`: a newer action about the same thing came before it. `unknown`: no such alarm is active.
Result = Literal["done", "repeated", "overtaken", "unknown"]

# Of an id the first ten characters: producers draw ids at random.
_MARK = 10
_REMEMBERED = 16


class Acted(NamedTuple):
    """What came of an action; `step` is the alarm step that it made. Only what is done has changed the state."""

    result: Result
    step: Alarm | None = None


def act(state: PatientState, action: Action) -> Acted:
    """Does what `action` says, once: one with the same id as one of the last 16 done is repeated, whatever it says.

    Actions of one person come in the order of their partition. Snoozes and windows of one scope may overtake one another on the
    way there (two senders): the one that was said last counts.
    """
    mark = _mark(action.action_id)
    if _was_done(state, mark):
        return Acted("repeated")
    acted = _done(state, action)
    if acted.result == "done":
        state.acted = (state.acted + mark)[-_REMEMBERED * _MARK :]
    return acted


def _mark(action_id: str) -> str:
    return action_id[:_MARK]


def _was_done(state: PatientState, mark: str) -> bool:
    return any(state.acted[at : at + _MARK] == mark for at in range(0, len(state.acted), _MARK))


def _done(state: PatientState, action: Action) -> Acted:
    does = action.does
    if isinstance(does, Acknowledge):
        step = acknowledged(state, does.alarm_id, action.user_id, action.by, action.at_us)
        return Acted("unknown") if step is None else Acted("done", step)
    if isinstance(does, Snooze):
        return Acted(_snooze(state, action, does))
    return Acted(_open_window(state, action, does))


def _snooze(state: PatientState, action: Action, snooze: Snooze) -> Result:
    care = state.care if state.care is not None else Care()
    name = snooze_name(snooze.vital, snooze.direction)
    before = care.snoozes.get(name)
    if before is not None and before.at_us > action.at_us:
        return "overtaken"
    care.snoozes[name] = Snoozed(snooze.until_us, action.by, action.at_us)
    keep(state, care)
    return "done"


def _open_window(state: PatientState, action: Action, window: Window) -> Result:
    care = state.care if state.care is not None else Care()
    scope = WHOLE if window.vital is None else window.vital
    before = care.windows.get(scope)
    if before is not None and before.at_us > action.at_us:
        return "overtaken"
    care.windows[scope] = Maintained(
        window.from_us, window.until_us, window.includes_clinical, action.by, action.at_us
    )
    keep(state, care)
    return "done"
