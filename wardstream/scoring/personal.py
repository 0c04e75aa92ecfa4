"""The personal tier: values that may be harmless in others but are far from what is usual for this person."""

from wardstream.contracts.anomaly import Direction
from wardstream.contracts.vitals import VITALS, Vital
from wardstream.scoring.alarms import Finding
from wardstream.scoring.baseline import Baseline, deviation, is_enough
from wardstream.scoring.patience import PERSONAL

# In independent normal noise, five values in a row beyond 4 spreads never happen; what is left are real changes, of
# which the next issue's evidence finds the smaller ones too.
ALARM_SPREADS = 4.0
# Effort changes these in everybody: they are learned and compared at rest only.
AT_REST_ONLY: frozenset[Vital] = frozenset({"heart_rate_bpm", "respiratory_rate_bpm", "systolic_mmhg"})
_UNDECIDED = Finding(is_outside=False, is_well_inside=False)
# More oxygen than usual harms nobody.
_DIRECTIONS: dict[Vital, tuple[Direction, ...]] = dict.fromkeys(VITALS, ("low", "high")) | {
    "spo2_pct": ("low",)
}


def finding(
    baseline: Baseline | None,
    vital: Vital,
    direction: Direction,
    value: float,
    at_us: int,
    *,
    is_resting: bool,
) -> Finding | None:
    """What this person's baseline says of one value; None as long as it can't say anything."""
    if baseline is None or direction not in _DIRECTIONS[vital] or not is_enough(baseline, at_us):
        return None
    if not is_resting and vital in AT_REST_ONLY:
        return _UNDECIDED
    spreads = deviation(baseline, vital, value) * (1 if direction == "high" else -1)
    return Finding(spreads >= ALARM_SPREADS, spreads <= ALARM_SPREADS - PERSONAL.margin)


def may_teach(vital: Vital, *, is_resting: bool) -> bool:
    """Whether a value taken now belongs to what is learned as usual."""
    return is_resting or vital not in AT_REST_ONLY
