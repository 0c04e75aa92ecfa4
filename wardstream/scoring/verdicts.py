"""Every watch's verdict on one value: the clinical tier first, then the personal one."""

from collections.abc import Iterator
from typing import NamedTuple

from wardstream.contracts.alarm import AlarmKind, Explanation
from wardstream.contracts.anomaly import Direction
from wardstream.scoring import clinical, explain, personal
from wardstream.scoring.alarms import Change, Finding
from wardstream.scoring.explain import Sighting
from wardstream.scoring.limits import Bound, Limits
from wardstream.scoring.patience import CLINICAL, FAST_WHILE_ABOUT, PERSONAL, Patience

_DIRECTIONS: tuple[Direction, ...] = ("low", "high")


class Verdict(NamedTuple):
    """What one tier finds in one direction; `bound` is the clinical tier's."""

    kind: AlarmKind
    direction: Direction
    finding: Finding | None
    patience: Patience
    bound: Bound | None = None

    @property
    def is_outside(self) -> bool:
        """Whether this tier calls the value outside."""
        return self.finding is not None and self.finding.is_outside


def verdicts(sight: Sighting, limits: Limits) -> Iterator[Verdict]:
    """One verdict per tier and direction."""
    for direction in _DIRECTIONS:
        judged = clinical.judged(sight.vital, direction, sight.value, limits, is_resting=sight.is_resting)
        yield Verdict("clinical", direction, judged.finding, _patience(sight, direction), judged.bound)
        found = _personal(sight, direction) if sight.has_model else None
        yield Verdict("personal", direction, found, PERSONAL)


def _patience(sight: Sighting, direction: Direction) -> Patience:
    if sight.is_about and sight.vital == "heart_rate_bpm" and direction == "high":
        return FAST_WHILE_ABOUT
    return CLINICAL[sight.vital, direction]


def _personal(sight: Sighting, direction: Direction) -> Finding | None:
    # Where a step counter went silent nothing is known of effort.
    is_known = sight.effort != "unknown"
    return personal.finding(
        sight.baseline,
        sight.habit,
        sight.vital,
        direction,
        sight.value,
        sight.measured_at_us,
        # As the clinical tier has it: 12 min without steps.
        is_resting=sight.is_resting and is_known,
        lowest_bpm=sight.lowest_bpm if is_known else None,
    )


def explanation(verdict: Verdict, sight: Sighting, change: Change, lasted_us: int) -> Explanation:
    """Why the verdict's watch changed."""
    if verdict.finding is not None and verdict.bound is not None:
        return explain.clinical(sight, verdict.direction, change, verdict.bound, lasted_us)
    if verdict.finding is not None and sight.baseline is not None:
        return explain.personal(sight, sight.baseline, change, lasted_us)
    return explain.unfounded(sight, verdict.kind)
