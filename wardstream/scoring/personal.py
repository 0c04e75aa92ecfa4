"""The personal tier: values that may be harmless in others but are far from what is usual for this person."""

import math

from wardstream.contracts.anomaly import Direction
from wardstream.contracts.vitals import VITALS, Vital
from wardstream.scoring.alarms import Finding
from wardstream.scoring.baseline import Baseline, deviation, is_enough, spread
from wardstream.scoring.habit import Habit
from wardstream.scoring.patience import PERSONAL

# So far out for a minute is a change that can't wait for evidence (`evidence` finds the smaller ones). A heart does go far at rest, on a bicycle or
# in a quarrel, so it gets more: chosen by the alarm budget on the recorded people.
ALARM_SPREADS: dict[Vital, float] = dict.fromkeys(VITALS, 4.0) | {
    "heart_rate_bpm": 7.25,
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
    usual: Habit | None,
    vital: Vital,
    direction: Direction,
    value: float,
    at_us: int,
    *,
    is_resting: bool,
    lowest_bpm: float | None = None,
) -> Finding | None:
    """What this person's baseline says of one value; None as long as it can't say anything.

    `lowest_bpm` is the slowest heart rate since the last step of somebody who is not at rest yet. `usual` is the habit that the
    baseline was taken from, if it was.
    """
    if baseline is None or direction not in _DIRECTIONS[vital] or not is_enough(baseline, at_us):
        return None
    spreads = deviation(baseline, vital, value) * (1 if direction == "high" else -1)
    far = alarm_spreads(baseline, usual, vital)
    if not is_resting and vital in AT_REST_ONLY:
        if vital != "heart_rate_bpm" or direction == "low" or lowest_bpm is None:
            return _UNDECIDED
        # Soon after a step a heart is fast and comes down. One that went up as far as from the usual, and no step since, is not coming down.
        return Finding(
            min(spreads, (value - lowest_bpm) / spread(baseline, vital)) >= far, is_well_inside=False
        )
    return Finding(spreads >= far, spreads <= far - PERSONAL.margin)


def alarm_spreads(baseline: Baseline, usual: Habit | None, vital: Vital) -> float:
    """How many spreads a value must lie out to alarm: of a heart that varies more the tails are longer still.

    How well a person is known is in the spread already, and says nothing of their heart's tails.
    """
    if vital != "heart_rate_bpm":
        return ALARM_SPREADS[vital]
    own = spread(baseline, vital) if usual is None else math.sqrt(usual.variance)
    return ALARM_SPREADS[vital] * max(1.0, own / _STEADY_BPM)


def is_far(baseline: Baseline, usual: Habit | None, vital: Vital, value: float) -> bool:
    """Whether a value is as far from the person's usual as an alarm needs, on either side."""
    return abs(deviation(baseline, vital, value)) >= alarm_spreads(baseline, usual, vital)


def is_far_worse(
    baseline: Baseline | None, usual: Habit | None, vital: Vital, direction: Direction, value: float
) -> bool:
    """Whether a value is another fact than the lasting change that was told already."""
    if baseline is None:
        return False
    spreads = deviation(baseline, vital, value) * (1 if direction == "high" else -1)
    return spreads >= _FAR_WORSE * alarm_spreads(baseline, usual, vital)


def may_teach(vital: Vital, *, is_resting: bool) -> bool:
    """Whether a value taken now belongs to what is learned as usual."""
    return is_resting or vital not in AT_REST_ONLY
