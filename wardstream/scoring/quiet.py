"""The quiet path: nearly every value is inside all limits and near the person's usual. It is learned from, and that is all.

It only spares work: `vital_scorer` would find the same (a property test holds the two against each other).
"""

from wardstream.contracts.vitals import VITALS, Vital
from wardstream.scoring.baseline import LEAST_SPREAD, Baseline, begun, deviation, learn
from wardstream.scoring.order import Newest
from wardstream.scoring.personal import ALARM_SPREADS, AT_REST_ONLY
from wardstream.scoring.state import VitalState

# No one's spread is less than the least: within this of the mean nothing is unusual, and no root need be taken.
_NEAR: dict[Vital, float] = {vital: ALARM_SPREADS * LEAST_SPREAD[vital] for vital in VITALS}


def passes_quietly(known: VitalState, now: Newest, vital: Vital, value: float, is_resting: bool) -> bool:
    """Takes a value within the clinical band that says nothing into `known`; False, and `known` as it was, if it may say something.

    `now` is the reading as the newest.
    """
    if known.watches:
        return False
    before, baseline = known.newest, known.baseline
    at_us = now.at_us
    since_last_us = 0
    if before is not None:
        since_last_us = at_us - before.at_us
        if since_last_us <= 0:
            return False
    if baseline is None:
        if is_resting or vital not in AT_REST_ONLY:
            known.baseline = begun(value, at_us)
    else:
        near = _NEAR[vital]
        if not -near < value - baseline.mean < near and _is_far(baseline, vital, value):
            return False
        if is_resting or vital not in AT_REST_ONLY:
            learn(baseline, vital, value, since_last_us)
    known.newest = now
    return True


def _is_far(baseline: Baseline, vital: Vital, value: float) -> bool:
    return abs(deviation(baseline, vital, value)) >= ALARM_SPREADS
