"""The clinical tier: values that are dangerous for anybody. No baseline and no alarm budget relaxes it."""

from typing import NamedTuple

from wardstream.contracts.anomaly import Direction
from wardstream.contracts.vitals import Vital
from wardstream.scoring.alarms import Finding
from wardstream.scoring.limits import DANGER, Bound, Bounds, Limits
from wardstream.scoring.patience import CLINICAL

_NO_BOUNDS = Bounds()
# 208 - 0.7 x age is the highest heart rate that effort reaches (Tanaka, Monahan, Seals, J Am Coll Cardiol 2001;37:153-6):
# what is above it at any age is no exercise.
BEYOND_EFFORT_BPM = 208.0


class Judged(NamedTuple):
    """A finding and the bound it was measured against; neither where no limit exists."""

    finding: Finding | None
    bound: Bound | None


def judged(vital: Vital, direction: Direction, value: float, limits: Limits, *, is_resting: bool) -> Judged:
    """What the clinical limits say of one value."""
    limit = limits.clinical.get(vital, _NO_BOUNDS).towards(direction)
    danger = DANGER.get(vital, _NO_BOUNDS).towards(direction)
    bound = limit or danger
    if bound is None:
        return Judged(None, None)
    counts = is_resting or not _is_effort(vital, direction, value)
    is_danger = counts and danger is not None and danger.is_crossed_by(value, direction)
    is_outside = counts and bound.is_crossed_by(value, direction)
    finding = Finding(is_outside or is_danger, _is_well_inside(vital, direction, value, bound), is_danger)
    return Judged(finding, danger if is_danger and danger else bound)


def _is_effort(vital: Vital, direction: Direction, value: float) -> bool:
    return vital == "heart_rate_bpm" and direction == "high" and value <= BEYOND_EFFORT_BPM


def _is_well_inside(vital: Vital, direction: Direction, value: float, bound: Bound) -> bool:
    margin = CLINICAL[vital, direction].margin
    return value >= bound.value + margin if direction == "low" else value <= bound.value - margin
