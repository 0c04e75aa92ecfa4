"""Actions and ticks made for tests."""

from tests.scoring.made import at_us
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.alarm_action import Acknowledge, Action, Snooze, Window
from wardstream.contracts.anomaly import Direction
from wardstream.contracts.vitals import Vital
from wardstream.scoring.actions import Acted, act
from wardstream.scoring.state import PatientState
from wardstream.scoring.timers import Timers, tick

TIMERS = Timers()


def action(does: Acknowledge | Snooze | Window, second: float, *, number: int = 0) -> Action:
    """Each `number` is an id of its own."""
    return Action(action_id=f"{number:010d}-id", user_id="ada", by="nurse", at_us=at_us(second), does=does)


def acknowledge(alarm_id: str, second: float, *, number: int = 0) -> Action:
    return action(Acknowledge(alarm_id=alarm_id), second, number=number)


def snooze(
    vital: Vital, direction: Direction, until_s: float, *, second: float = 0, number: int = 0
) -> Action:
    return action(Snooze(vital=vital, direction=direction, until_us=at_us(until_s)), second, number=number)


def window(
    from_s: float,
    until_s: float,
    *,
    vital: Vital | None = None,
    clinical: bool = False,
    second: float = 0,
    number: int = 0,
) -> Action:
    opened = Window(from_us=at_us(from_s), until_us=at_us(until_s), vital=vital, includes_clinical=clinical)
    return action(opened, second, number=number)


def done(state: PatientState, wanted: Action) -> Acted:
    acted = act(state, wanted)
    assert acted.result == "done"
    return acted


def ticked(state: PatientState, second: float, timers: Timers = TIMERS) -> list[Alarm]:
    return tick(state, "ada", at_us(second), timers)
