"""When a partition's checkpoint is due: soon when it holds an alarm, later when it only holds states. Pure.

See docs/decisions/0007-when-a-checkpoint-is-due.md for what was tried.
"""

from typing import NamedTuple

# A checkpoint that holds an alarm may take up this part of the time: after one that took 50 ms the next waits 150 ms.
_RESTS = 3.0


class Waiting(NamedTuple):
    """Since when (monotonic seconds) a partition holds something unwritten, and since when an alarm; None: it doesn't."""

    changed_at_s: float | None
    alarm_at_s: float | None
    last_ended_at_s: float
    last_took_s: float


def due_at_s(waiting: Waiting, interval_s: float, most_held: bool) -> float | None:
    """When to write; None if there is nothing to write. `most_held`: it holds as much as it may."""
    if waiting.changed_at_s is None:
        return None
    if most_held:
        return waiting.changed_at_s
    due = waiting.changed_at_s + interval_s
    if waiting.alarm_at_s is None:
        return due
    rested = waiting.last_ended_at_s + min(_RESTS * waiting.last_took_s, interval_s)
    return min(due, max(waiting.alarm_at_s, rested))
