"""The personal tier: values that may be harmless in others but are far from what is usual for this person."""

from wardstream.contracts.anomaly import Direction
from wardstream.contracts.vitals import VITALS, Vital
from wardstream.scoring.alarms import Finding
from wardstream.scoring.baseline import Baseline, deviation, is_enough, spread
from wardstream.scoring.patience import PERSONAL

# So far out for a minute is a change that can't wait for evidence (`evidence` finds the smaller ones). A heart does go far at rest, on a bicycle or
# in a quarrel, so it gets more: chosen by the alarm budget on the recorded people.
ALARM_SPREADS: dict[Vital, float] = dict.fromkeys(VITALS, 4.0) | {
    "heart_rate_bpm": 7.5,
    "systolic_mmhg": 6.0,
    "diastolic_mmhg": 6.0,
    "respiratory_rate_bpm": 5.0,
}
# Effort changes these in everybody: they are learned and compared at rest only.
AT_REST_ONLY: frozenset[Vital] = frozenset({"heart_rate_bpm", "respiratory_rate_bpm", "systolic_mmhg"})
# Up to this spread (that of the steadier of the recorded people, and of simulated ones) a heart has no tails to speak of.
_STEADY_BPM = 5.2
# Who has been 20 bpm above usual for an hour and is 70 above it now is told of again.
_FAR_WORSE = 1.5
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
    far = alarm_spreads(baseline, vital)
    return Finding(spreads >= far, spreads <= far - PERSONAL.margin)


def alarm_spreads(baseline: Baseline, vital: Vital) -> float:
    """How many spreads a value must lie out to alarm: of a heart that varies more the tails are longer still."""
    if vital != "heart_rate_bpm":
        return ALARM_SPREADS[vital]
    return ALARM_SPREADS[vital] * max(1.0, spread(baseline, vital) / _STEADY_BPM)


def is_far_worse(baseline: Baseline | None, vital: Vital, direction: Direction, value: float) -> bool:
    """Whether a value is another fact than the lasting change that was told already."""
    if baseline is None:
        return False
    spreads = deviation(baseline, vital, value) * (1 if direction == "high" else -1)
    return spreads >= _FAR_WORSE * alarm_spreads(baseline, vital)


def may_teach(vital: Vital, *, is_resting: bool) -> bool:
    """Whether a value taken now belongs to what is learned as usual."""
    return is_resting or vital not in AT_REST_ONLY
