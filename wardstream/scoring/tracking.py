"""The slow rhythm of scoring: values gather in blocks of five minutes, and a block that ends is evidence, and teaches.

A reading that opens a block closes the one before; all else it costs is two additions. So this tier costs the same however
often a device reports, and it says the same of 1 reading a second as of one every 15 s.
"""

import math

from wardstream.contracts.reading import Reading
from wardstream.contracts.user_model import STEPS
from wardstream.contracts.vitals import Vital
from wardstream.scoring import evidence, habit
from wardstream.scoring.artefact import FLAT_READINGS
from wardstream.scoring.block import Block
from wardstream.scoring.effort import Level, leaked_until, moved_on
from wardstream.scoring.evidence import Day, Sustained
from wardstream.scoring.habit import BLOCKS_OF_A_DAY, Habit
from wardstream.scoring.personal import AT_REST_ONLY
from wardstream.scoring.state import PatientState, Trend, VitalState

# Steps of a day are compared by their logarithm: half as many as usual is as odd at 2,000 as at 12,000. The spread
# of the logarithm between days is our guess, and steps alone never alarm.
_STEPS_SPREAD = 0.5
_STEPS_MEMORY = 28.0


def take_habit(known: VitalState, vital: Vital, usual: Habit | None) -> None:
    """Puts what somebody else found usual in place of the habit (None: nothing is known any more).

    The hour before stays where it was, now told from the new habit: another model is no change in the person. The day so far was
    cut by the habit before, and begins anew.
    """
    held = known.sustained
    if held is not None and known.habit is not None:
        moved = (
            None
            if usual is None
            else habit.expected(known.habit, held.block) - habit.expected(usual, held.block)
        )
        evidence.retold(held, None if moved is None else evidence.toward(vital, moved))
    if known.day is not None:
        evidence.begin_day(known.day)
    known.habit = usual
    # The next reading opens a block, and takes from the habit what is usual then.
    known.block = None


def gather(known: VitalState, vital: Vital, value: float, level: Level) -> None:
    """Adds a value to the open block. What effort changes counts only with an effort that is known."""
    block = known.block
    if block is None:
        return
    if level == "rest" or vital not in AT_REST_ONLY:
        block.rest_sum += value
        block.rest_count += 1
    elif level == "light" and vital == "heart_rate_bpm":
        block.light_sum += value
        block.light_count += 1
    else:
        block.other_count += 1


def open_block(state: PatientState, known: VitalState, vital: Vital, number: int) -> None:
    """Closes the block before `number` and opens this one. Days end on the way."""
    model = known.habit
    if model is None:
        known.habit = model = (
            habit.before_any(vital)
            if known.baseline is None
            else habit.of_running_mean(known.baseline, vital)
        )
    before = known.block
    # A clock that was set back to an earlier block begins anew.
    if before is not None and before.number < number:
        _turn_day(state, number // BLOCKS_OF_A_DAY)
        _close(state, known, vital, before, model)
    elif state.trend is None:
        state.trend = Trend(number // BLOCKS_OF_A_DAY)
    known.block = Block(number)
    known.baseline = habit.as_baseline(model, vital, number, known.baseline)


def _close(state: PatientState, known: VitalState, vital: Vital, block: Block, model: Habit) -> None:
    usual = habit.expected(model, block.number)
    count = block.rest_count + block.light_count
    before, known.value = known.value, (block.rest_sum + block.light_sum) / count if count else None
    if known.value == before and count >= FLAT_READINGS:
        return
    may_learn = not known.watches and not _is_ill(state)
    rest, light = block.rest, block.light
    if rest is not None:
        excess = rest - usual
        if vital in evidence.WORSE:
            _add_evidence(known, vital, block.number, excess, usual, model)
        if may_learn and evidence.is_calm(known.sustained):
            habit.learn(model, block.number, excess)
    if light is not None:
        excess = light - usual - model.light
        _add_to_day(known, vital, excess, model)
        if may_learn:
            habit.learn_light(model, excess)


def _add_evidence(
    known: VitalState, vital: Vital, number: int, excess: float, usual: float, model: Habit
) -> None:
    if known.sustained is None:
        known.sustained = Sustained()
    step = evidence.step_of(vital, usual, habit.spread(model, vital), habit.unknown_of_days(model, vital))
    worse = evidence.toward(vital, excess)
    if vital == "heart_rate_bpm":
        # How well the person is known is no question for their own hour.
        plain = evidence.step_of(vital, usual, 0.0, 0.0)
        evidence.add_beside_hour(known.sustained, number, worse, step, plain)
    else:
        evidence.add(known.sustained, number, worse / step)
    _add_to_day(known, vital, excess, model)


def _add_to_day(known: VitalState, vital: Vital, excess: float, model: Habit) -> None:
    if known.day is None:
        known.day = Day()
    evidence.add_to_day(known.day, evidence.toward(vital, excess), habit.spread(model, vital))


def _is_ill(state: PatientState) -> bool:
    """Whether so much evidence stands that nothing may be learned as normal."""
    trend = state.trend
    if trend is None:
        return False
    return trend.is_raised or trend_total(state) >= evidence.FREEZES_AT * evidence.DAY_THRESHOLD


def totals(state: PatientState) -> dict[str, float]:
    """The evidence over days, by signal."""
    found: dict[str, float] = {
        vital: known.day.total for vital, known in state.vitals.items() if known.day is not None
    }
    if state.trend is not None and state.trend.steps is not None:
        found[STEPS] = min(state.trend.steps.total, evidence.STEPS_AT_MOST)
    return {name: total for name, total in found.items() if total > 0}


def trend_total(state: PatientState) -> float:
    """The evidence over days, all signals together; steps alone are none."""
    found = totals(state)
    return evidence.fused(found) if found.keys() - {STEPS} else 0.0


def _turn_day(state: PatientState, number: int) -> None:
    """Ends the day of every signal when the first block of another day opens. A day with too little is carried on."""
    trend = state.trend
    if trend is None:
        state.trend = trend = Trend(number)
    if number == trend.number:
        return
    trend.number = number
    is_worn = _close_days(state)
    _close_steps(trend, is_worn=is_worn)


def _close_days(state: PatientState) -> bool:
    was_ill = _is_ill(state)
    is_worn = False
    for known in state.vitals.values():
        day, model = known.day, known.habit
        if day is None or model is None or day.count < evidence.BLOCKS_OF_A_SCORED_DAY:
            continue
        is_worn = True
        mean = day.excess / day.count
        is_known = model.days >= evidence.DAYS_ENOUGH
        evidence.close_day(day, habit.day_deviation(model, mean) if is_known else None)
        if not was_ill and day.total < evidence.FREEZES_AT * evidence.DAY_THRESHOLD:
            habit.learn_day(model, mean)
    return is_worn


def _close_steps(trend: Trend, *, is_worn: bool) -> None:
    walked, trend.walked = trend.walked, 0.0
    if not is_worn or walked <= 0:
        return
    if trend.steps is None:
        trend.steps = Day()
    said = math.log1p(walked)
    fewer = (trend.steps_level - said) / _STEPS_SPREAD
    evidence.close_day(trend.steps, fewer if trend.steps_days >= evidence.DAYS_ENOUGH else None)
    trend.steps_days = min(trend.steps_days + 1.0, _STEPS_MEMORY)
    trend.steps_level += (said - trend.steps_level) / trend.steps_days


def walk(state: PatientState, reading: Reading) -> None:
    """Takes what a step counter says into a person's effort and their day; a late one changes nothing."""
    before = state.effort
    state.effort = moved_on(before, reading)
    if before is None:
        _doubt_what_was_learned_unseen(state)
    if state.trend is not None and state.effort is not None and state.effort is not before:
        gone = 0.0 if before is None else leaked_until(before, state.effort.at_us)
        state.trend.walked += state.effort.steps - gone


def _doubt_what_was_learned_unseen(state: PatientState) -> None:
    """A step counter speaks for the first time: until now every walk and every ride counted as rest, and may have been learned as usual.

    What training found stays: it rests on medians of many days, mostly of such with steps.
    """
    if state.model_version:
        return
    for vital in AT_REST_ONLY:
        known = state.vitals.get(vital)
        if known is not None and known.habit is not None:
            habit.doubt(known.habit)


def take_steps(state: PatientState, level: float, days: float) -> None:
    """Takes what training found of a person's daily steps (the logarithm of 1 + steps)."""
    if state.trend is None:
        state.trend = Trend(0)
    if state.trend.steps is None:
        state.trend.steps = Day()
    state.trend.steps_level, state.trend.steps_days = level, min(days, _STEPS_MEMORY)
