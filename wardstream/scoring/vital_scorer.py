"""One value of one vital, judged by every watch: the alarm steps it makes, and what is learned from it."""

from wardstream.contracts.alarm import Alarm
from wardstream.contracts.anomaly import Direction
from wardstream.contracts.identity import alarm_id
from wardstream.contracts.reading import Reading
from wardstream.scoring.alarms import Change, Watch, after_clock_was_set_back, step
from wardstream.scoring.baseline import begun, learn
from wardstream.scoring.evidence import WORSE, after_alarm
from wardstream.scoring.explain import Sighting
from wardstream.scoring.hush import hush
from wardstream.scoring.lifecycle import priority, told
from wardstream.scoring.limits import Limits
from wardstream.scoring.order import clock_was_set_back, newest
from wardstream.scoring.personal import is_far_worse, may_teach
from wardstream.scoring.state import PatientState, VitalState, watch_name
from wardstream.scoring.tracking import gather
from wardstream.scoring.verdicts import Verdict, explanation, verdicts

Watches = dict[str, Watch]


def score_vital(
    state: PatientState, known: VitalState, reading: Reading, sight: Sighting, limits: Limits
) -> list[Alarm]:
    """Takes one value that is not late into `known`, a vital of `state`; the alarm steps that makes. What it teaches comes last."""
    watches = _still_valid(known, reading)
    alarms: list[Alarm] = []
    is_red = False
    for verdict in verdicts(sight, limits):
        is_red |= verdict.kind == "clinical" and verdict.is_outside
        alarm = _advanced(state, watches, verdict, reading, sight)
        if alarm is not None:
            alarms.append(alarm)
    if sight.has_model:
        # A block takes every value and is learned from when it ends, if nothing is going on by then.
        gather(known, sight.vital, sight.value, sight.effort)
        if known.baseline is not None:
            known.baseline.readings += 1
    elif not (is_red or watches or alarms):
        _teach(known, reading, sight)
    if any(alarm.state == "cleared" for alarm in alarms):
        known.cleared_us = sight.measured_at_us
        if known.sustained is not None and not known.sustained.is_raised:
            # What was told is not told again as lasting.
            known.sustained.total = 0.0
    known.newest, known.watches = newest(reading), watches
    return alarms


def _still_valid(known: VitalState, reading: Reading) -> Watches:
    if not clock_was_set_back(known.newest, reading):
        return dict(known.watches)
    checked = {name: after_clock_was_set_back(watch) for name, watch in known.watches.items()}
    return {name: watch for name, watch in checked.items() if watch is not None}


def _advanced(
    state: PatientState, watches: Watches, verdict: Verdict, reading: Reading, sight: Sighting
) -> Alarm | None:
    """Takes the verdict's watch one step on, in `watches`; the alarm step that makes, if any."""
    name = watch_name(verdict.kind, verdict.direction)
    before = watches.pop(name, None)
    if _is_covered(state, watches, verdict, sight, before):
        return None
    held_back = hush(
        state.care,
        verdict.kind,
        sight.vital,
        verdict.direction,
        measured_at_us=sight.measured_at_us,
        received_at_us=reading.received_at_us,
    )
    after, change = step(
        before, verdict.finding, sight.reading_id, sight.measured_at_us, verdict.patience, hush=held_back
    )
    if after is not None:
        watches[name] = after
    changed = before if change == "cleared" else after
    if change is None or changed is None:
        return None
    lasting = state.vitals[sight.vital].sustained
    if change == "raised" and verdict.kind == "personal" and lasting is not None and not lasting.is_raised:
        after_alarm(lasting)
    return told(state, _draft(reading, sight, verdict, change, changed), change, reading.received_at_us)


def _is_covered(
    state: PatientState, watches: Watches, verdict: Verdict, sight: Sighting, before: Watch | None
) -> bool:
    """One alarm for one fact: nothing sudden is raised while the clinical alarm of that side stands, and while the sustained one does
    only what is far worse, or what began when the vital was back to usual.
    """
    if verdict.kind != "personal" or (before is not None and before.is_raised):
        return False
    above = watches.get(watch_name("clinical", verdict.direction))
    if above is not None and above.is_raised:
        return True
    lasting = state.vitals[sight.vital].sustained
    if lasting is None or not lasting.is_raised or WORSE.get(sight.vital) != verdict.direction:
        return False
    if lasting.calm or before is not None:
        return False
    return not is_far_worse(sight.baseline, sight.habit, sight.vital, verdict.direction, sight.value)


def _teach(known: VitalState, reading: Reading, sight: Sighting) -> None:
    if not may_teach(sight.vital, is_resting=sight.is_resting):
        return
    if known.baseline is None:
        known.baseline = begun(sight.value, reading.measured_at_us)
        return
    since_last_us = reading.measured_at_us - known.newest.at_us if known.newest else 0
    learn(known.baseline, sight.vital, sight.value, since_last_us)


def _draft(reading: Reading, sight: Sighting, verdict: Verdict, change: Change, watch: Watch) -> Alarm:
    """The step but for what went before it: `told` knows that."""
    at_us = sight.measured_at_us
    lasted_us = watch.inside_for_us(at_us) if change == "cleared" else watch.outside_for_us(at_us)
    return Alarm(
        alarm_id=alarm_id(
            reading.user_id, verdict.kind, sided(sight.vital, verdict.direction), watch.onset_id
        ),
        revision=0,
        user_id=reading.user_id,
        device_id=reading.device_id,
        kind=verdict.kind,
        vital=sight.vital,
        direction=verdict.direction,
        priority=priority(verdict.kind, is_danger=watch.is_danger),
        state="active",
        raised_at_us=watch.onset_at_us,
        at_us=at_us,
        explanation=explanation(verdict, sight, change, lasted_us),
    )


def sided(vital: str, direction: Direction) -> str:
    """The vital's part of an alarm's id: a low and a high that begin with the same reading are two alarms."""
    return f"{vital}:{direction}"
