"""Context: whether a person is at rest. A racing heart on the stairs is no alarm."""

from typing import NamedTuple

from wardstream.contracts.reading import Reading
from wardstream.scoring.effort import Level
from wardstream.scoring.order import Newest, is_late, newest

# The heart needs minutes to come down after a walk; within this time after the last step nobody counts as at rest.
REST_US = 12 * 60 * 1_000_000


class Context(NamedTuple):
    """In what state a person is: at rest for the clinical tier, their effort for the personal one, and the five minutes since 1970 they
    are in (None: no personal tier).
    """

    is_resting: bool
    effort: Level
    number: int | None


def moved(known: Newest | None, reading: Reading) -> Newest | None:
    """The newest reading with steps, after `reading`."""
    if not reading.steps_per_min or is_late(known, reading):
        return known
    return newest(reading)


def is_at_rest(last_moved: Newest | None, at_us: int) -> bool:
    """Whether no steps are known of the 12 min before `at_us`. Who wears no step counter counts as at rest."""
    return last_moved is None or not 0 <= at_us - last_moved.at_us < REST_US


def lowest(known: float | None, heart_rate_bpm: float | None) -> float | None:
    """The slowest heart rate since the last step, after a reading without one."""
    if known is None or heart_rate_bpm is None:
        return heart_rate_bpm if known is None else known
    return min(known, heart_rate_bpm)
