"""What snoozes and maintenance windows hold back, and from when on they don't."""

from wardstream.contracts.alarm import AlarmKind
from wardstream.contracts.anomaly import Direction
from wardstream.scoring.alarms import Hush
from wardstream.scoring.care import Care, Maintained, Standing

WHOLE = ""


def snooze_name(vital: str, direction: Direction) -> str:
    """The name of a snooze: one per vital and direction, so that snoozing a high never hides a low."""
    return f"{vital}:{direction}"


def hush(
    care: Care | None,
    kind: AlarmKind,
    vital: str,
    direction: Direction,
    *,
    measured_at_us: int,
    received_at_us: int,
) -> Hush:
    """What may not be raised of a value measured and received then.

    A window is about what was measured in it, whenever it arrives; a snooze is about people who want no bell now, so it goes
    by the server's clock. A snooze never holds danger back.
    """
    if care is None or not (care.windows or care.snoozes):
        return "nothing"
    for scope in (WHOLE, vital):
        window = care.windows.get(scope)
        if window is not None and _holds(window, measured_at_us) and _covers(window, kind):
            return "everything"
    snoozed = care.snoozes.get(snooze_name(vital, direction))
    return "no_danger" if snoozed is not None and received_at_us < snoozed.until_us else "nothing"


def free_from_us(care: Care, standing: Standing, due_us: int) -> int:
    """The first instant from `due_us` on, by the server's clock, at which this alarm may be said again."""
    # Danger is said through any snooze.
    snoozed = care.snoozes.get(snooze_name(standing.vital, standing.direction))
    if snoozed is not None and standing.priority != "high":
        due_us = max(due_us, snoozed.until_us)
    # Twice: the end of one may lie in the other.
    for scope in (WHOLE, standing.vital, WHOLE):
        window = care.windows.get(scope)
        if window is not None and _holds(window, due_us) and _covers(window, standing.kind):
            due_us = window.until_us
    return due_us


def waits_from_us(care: Care, since_us: int, for_us: int) -> int:
    """From when on `for_us` of waiting count that began at `since_us`: after a window of the whole person it begins anew."""
    window = care.windows.get(WHOLE)
    if window is None or window.until_us <= since_us or window.from_us >= since_us + for_us:
        return since_us
    return max(since_us, window.until_us)


def _holds(window: Maintained, at_us: int) -> bool:
    return window.from_us <= at_us < window.until_us


def _covers(window: Maintained, kind: AlarmKind) -> bool:
    return window.includes_clinical or kind != "clinical"
