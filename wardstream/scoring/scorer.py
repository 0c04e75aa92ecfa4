"""The scorer: one reading into one person's state, and what the reading means out. Knows no clock and no I/O."""

import msgspec

from wardstream.contracts.alarm import Alarm
from wardstream.contracts.alarm_action import SetLimits
from wardstream.contracts.anomaly import Anomaly
from wardstream.contracts.reading import Reading
from wardstream.contracts.user_model import EFFORT, STEPS, UserModel
from wardstream.contracts.vitals import VITALS, Vital
from wardstream.scoring.anomalies import flagged
from wardstream.scoring.artefact import has_jumped, has_sensor_fault, heart_rate, scorable
from wardstream.scoring.baseline import from_model
from wardstream.scoring.context import Context, is_at_rest, lowest, moved
from wardstream.scoring.effort import Level, level
from wardstream.scoring.equipment import BATTERY_LOW_PCT, STALE_US, heard
from wardstream.scoring.explain import Sighting
from wardstream.scoring.habit import BLOCK_US, MINUTE_US, of_model
from wardstream.scoring.lateness import late
from wardstream.scoring.limits import Limits
from wardstream.scoring.order import Newest, is_late
from wardstream.scoring.personal import is_far
from wardstream.scoring.quiet import passes_quietly, passes_without_model
from wardstream.scoring.rhythm import opened
from wardstream.scoring.seen import remember, was_seen
from wardstream.scoring.skew import clock_lead_s
from wardstream.scoring.state import PatientState, VitalState
from wardstream.scoring.tracking import take_habit, take_steps, walk
from wardstream.scoring.vital_scorer import score_vital

_STALE_LEAD_US = -STALE_US
# How often somebody speaks is looked at every so many times: a power of two, by a mask.
COUNTED_EVERY = 8
_MASK = COUNTED_EVERY - 1


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one reading means. `is_repeated`: it was scored before, changes nothing and says nothing."""

    anomalies: tuple[Anomaly, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    is_repeated: bool = False


NOTHING = Outcome()
REPEATED = Outcome(is_repeated=True)


def score(  # noqa: C901 -- one loop, run for every reading; calls would cost more than all of it
    state: PatientState, reading: Reading, limits: Limits, has_model: bool = True
) -> Outcome:
    """Scores one reading of this person against `limits` (as `limits.for_person` gives them), and changes `state` by it.

    Without `has_model` only the clinical tier runs, and a running mean is kept for explanations.

    The same readings in the same order give the same states, ids and explanations, on any machine at any time. A
    vital older than the newest of its kind is counted as an anomaly where it is one, and neither raises, reopens nor
    clears an alarm; within two minutes it is held against danger values and teaches. Costs the same however many readings
    came before. `REPEATED` has changed nothing.
    """
    at_us, id_ = reading.measured_at_us, reading.reading_id
    is_newest = at_us > state.newest_us
    # An id that is made of the instant and the values can't be known before its instant: most need no search.
    if (reading.sequence is not None or not is_newest) and (
        was_seen(state.seen_newest, id_) or was_seen(state.seen, id_)
    ):
        return REPEATED
    if reading.steps_per_min is not None:
        _walked(state, reading, has_model)
    is_resting = state.moved is None or is_at_rest(state.moved, at_us)
    if not is_resting and is_newest and not reading.steps_per_min:
        state.lowest_bpm = lowest(state.lowest_bpm, heart_rate(reading))
    effort: Level = "rest" if state.effort is None else level(state.effort, at_us)
    number = (at_us + state.offset_min * MINUTE_US) // BLOCK_US
    received_us = reading.received_at_us
    if received_us > state.heard_us:
        state.heard_us = received_us
        if not state.readings & _MASK:
            _count(state, received_us)
    lead_us = at_us - received_us
    now = Newest(at_us, lead_us, id_)
    vitals, bands = state.vitals, limits.bands
    loud: list[tuple[Vital, float]] = []
    is_flagged = False
    for vital, value in scorable(reading):
        known = vitals.get(vital)
        if known is None:
            known = vitals[vital] = VitalState()
        low, high, plain_low, plain_high = bands[vital]
        if not plain_low <= value <= plain_high:
            is_flagged = True
        if not low < value < high or not (
            passes_quietly(known, now, vital, value, effort, number)
            if has_model
            else passes_without_model(known, now, vital, value, is_resting)
        ):
            loud.append((vital, value))
    if is_newest:
        state.newest_us = at_us
    state.readings += 1
    remember(state, id_)
    battery_pct = reading.battery_pct
    # `equipment.is_untroubled`, written out.
    is_troubled = (
        state.care is not None
        or lead_us < _STALE_LEAD_US
        or reading.on_body is False
        or (battery_pct is not None and battery_pct <= BATTERY_LOW_PCT)
    )
    if loud or is_flagged or is_troubled or (reading.spo2_pct is not None and has_sensor_fault(reading)):
        context = Context(is_resting, effort, number if has_model else None)
        return _loud_outcome(state, reading, loud, limits, context, is_troubled=is_troubled)
    return NOTHING


def _walked(state: PatientState, reading: Reading, has_model: bool) -> None:
    if reading.steps_per_min:
        before, state.moved = state.moved, moved(state.moved, reading)
        if state.moved is not before:
            state.lowest_bpm = None
    if has_model:
        walk(state, reading)


def _count(state: PatientState, received_us: int) -> None:
    """At every eighth arrival: how far apart the last eight were."""
    state.gap_us = (received_us - state.counted_us) // COUNTED_EVERY
    state.counted_us = received_us


def _loud_outcome(
    state: PatientState,
    reading: Reading,
    loud: list[tuple[Vital, float]],
    limits: Limits,
    context: Context,
    *,
    is_troubled: bool,
) -> Outcome:
    alarms = _judged(state, loud, reading, limits, context)
    if is_troubled:
        alarms += heard(state, reading)
    lead_s = clock_lead_s(state, reading.device_id) if alarms else 0.0
    if lead_s:
        alarms = [_with_lead(alarm, lead_s) for alarm in alarms]
    return Outcome(anomalies=flagged(reading, limits), alarms=tuple(alarms))


def _with_lead(alarm: Alarm, lead_s: float) -> Alarm:
    told = msgspec.structs.replace(alarm.explanation, clock_lead_s=lead_s)
    return msgspec.structs.replace(alarm, explanation=told)


def _judged(
    state: PatientState,
    said: list[tuple[Vital, float]],
    reading: Reading,
    limits: Limits,
    context: Context,
) -> list[Alarm]:
    """Holds values against every watch; the alarm steps that makes."""
    alarms: list[Alarm] = []
    number = context.number
    for vital, value in said:
        known = state.vitals[vital]
        if is_late(known.newest, reading):
            alarms += late(state, known, vital, value, reading, context)
            continue
        if number is not None and (known.block is None or known.block.number != number):
            alarms += opened(state, known, vital, value, reading, number)
        elif vital == "temperature_c" and _has_slipped(known, value):
            continue
        sight = Sighting(
            reading_id=reading.reading_id,
            measured_at_us=reading.measured_at_us,
            vital=vital,
            value=value,
            is_resting=context.is_resting,
            baseline=known.baseline,
            model_version=state.model_version,
            effort=context.effort,
            has_model=number is not None,
            is_about=state.effort is not None or state.moved is not None,
            lowest_bpm=state.lowest_bpm,
            habit=known.habit if number is not None else None,
        )
        alarms += score_vital(state, known, reading, sight, limits)
    return alarms


def _has_slipped(known: VitalState, temperature_c: float) -> bool:
    """Whether a probe seems to have slipped: a jump, unless it is back to the person's usual."""
    if known.block is None or not has_jumped(known.block, temperature_c):
        return False
    return known.baseline is None or is_far(known.baseline, known.habit, "temperature_c", temperature_c)


def take_model(state: PatientState, model: UserModel) -> bool:
    """Puts a personal model's baselines in place of the person's own, if it is newer than the one in use; whether it is."""
    if model.version <= state.model_version:
        return False
    for vital in VITALS:
        usual = model.usual.get(vital)
        if usual is not None:
            known = state.vitals.setdefault(vital, VitalState())
            take_habit(known, vital, of_model(usual, vital))
            known.baseline = from_model(usual)
    _take_signals(state, model)
    state.model_version = model.version
    return True


def _take_signals(state: PatientState, model: UserModel) -> None:
    heart = state.vitals.get("heart_rate_bpm")
    effort, steps = model.usual.get(EFFORT), model.usual.get(STEPS)
    if effort is not None and heart is not None and heart.habit is not None:
        heart.habit.light = float(effort.mean)
        heart.habit.round()
    if steps is not None:
        take_steps(state, float(steps.mean), float(steps.days))


def forget_model(state: PatientState) -> bool:
    """Forgets what a model taught: the baselines start anew from this person's own readings. Whether there was one."""
    if state.model_version == 0:
        return False
    for vital, known in state.vitals.items():
        take_habit(known, vital, None)
        known.baseline = None
    state.model_version = 0
    return True


def take_limits(state: PatientState, own: SetLimits) -> bool:
    """Sets this person's limits, unless a clock says that those in force were set after them; whether it did."""
    if state.own_limits is not None and own.at_us < state.own_limits.at_us:
        return False
    state.own_limits = own
    return True


def forget_limits(state: PatientState) -> bool:
    """Gives everybody's limits back; whether there were others."""
    had_own, state.own_limits = state.own_limits is not None, None
    return had_own
