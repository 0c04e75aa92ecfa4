"""The quiet path: nearly every value is inside all limits and near the person's usual. It goes into its block, and that is all.

It only spares work: `vital_scorer` would find the same (a property test holds the two against each other).
"""

from wardstream.contracts.vitals import VITALS, Vital
from wardstream.scoring.baseline import LEAST_SPREAD, begun, learn
from wardstream.scoring.effort import Level
from wardstream.scoring.order import Newest
from wardstream.scoring.personal import ALARM_SPREADS, AT_REST_ONLY, is_far
from wardstream.scoring.state import VitalState

# No one's spread is less than the least: within this of the mean nothing is unusual, and no root need be taken.
NEAR: dict[Vital, float] = {vital: ALARM_SPREADS[vital] * LEAST_SPREAD[vital] for vital in VITALS}


def passes_quietly(
    known: VitalState, now: Newest, vital: Vital, value: float, level: Level, number: int
) -> bool:
    """Takes a value within the clinical band that says nothing into `known`; False, and `known` as it was, if it may say something.

    `now` is the reading as the newest, `number` the block it falls into.
    """
    block, before, baseline = known.block, known.newest, known.baseline
    if block is None or block.number != number or known.watches or before is None or baseline is None:
        return False
    if now.at_us <= before.at_us:
        return False
    near = NEAR[vital]
    if not -near < value - baseline.mean < near and is_far(baseline, known.habit, vital, value):
        return False
    # `tracking.gather`, written out.
    if level == "rest" or vital not in AT_REST_ONLY:
        block.rest_sum += value
        block.rest_count += 1
    elif level == "light" and vital == "heart_rate_bpm":
        block.light_sum += value
        block.light_count += 1
    else:
        block.other_count += 1
    baseline.readings += 1
    known.newest = now
    return True


def passes_without_model(
    known: VitalState, now: Newest, vital: Vital, value: float, is_resting: bool
) -> bool:
    """The same where only the clinical tier runs: a running mean and variance is kept, for explanations."""
    before, baseline = known.newest, known.baseline
    if known.watches:
        return False
    since_last_us = 0 if before is None else now.at_us - before.at_us
    if before is not None and since_last_us <= 0:
        return False
    if is_resting or vital not in AT_REST_ONLY:
        if baseline is None:
            known.baseline = begun(value, now.at_us)
        else:
            learn(baseline, vital, value, since_last_us)
    known.newest = now
    return True
