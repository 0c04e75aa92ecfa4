"""What is said when a block of five minutes opens: of evidence over minutes, of the days, and of NEWS2's aggregate."""

from collections.abc import Iterator

from wardstream.contracts.alarm import Alarm, AlarmKind, Explanation
from wardstream.contracts.anomaly import Direction
from wardstream.contracts.identity import alarm_id
from wardstream.contracts.reading import Reading
from wardstream.contracts.vitals import Vital
from wardstream.scoring import evidence, habit, news2, tracking, words
from wardstream.scoring.alarms import Change, Finding, Watch, step
from wardstream.scoring.evidence import Sustained
from wardstream.scoring.hush import hush
from wardstream.scoring.lifecycle import priority, told
from wardstream.scoring.patience import NEWS2
from wardstream.scoring.skew import heard
from wardstream.scoring.state import PatientState, Trend, VitalState, watch_name

# What alarms that are about several vitals name in place of one.
TREND = "trend"
AGGREGATE = "news2"
# A vital older than a quarter of an hour says nothing of now: so often observations are taken of somebody who scores.
_CURRENT_BLOCKS = 3


def opened(
    state: PatientState, known: VitalState, vital: Vital, value: float, reading: Reading, number: int
) -> list[Alarm]:
    """Opens block `number` of a vital with `reading`, whose value of it is `value`; the alarm steps that makes."""
    day_before = -1 if state.trend is None else state.trend.number
    heard(state, reading)
    tracking.open_block(state, known, vital, number)
    said = [_sustained(state, known, vital, value, reading)]
    if state.trend is not None and state.trend.number != day_before:
        said.append(_trend(state, state.trend, reading))
    said.append(_aggregate(state, reading, number))
    return [alarm for alarm in said if alarm is not None]


def _sustained(
    state: PatientState, known: VitalState, vital: Vital, value: float, reading: Reading
) -> Alarm | None:
    found = known.sustained
    if found is None:
        return None
    if not found.is_raised:
        _mark_onset(found, reading)
    change = _sustained_change(state, known, vital, reading, found)
    if change is None:
        return None
    found.is_raised = change == "raised"
    draft = _draft(
        reading,
        "personal",
        vital,
        f"{vital}:sustained",
        evidence.WORSE[vital],
        Watch(found.onset_id, found.onset_at_us, 0),
        _why_sustained(state, known, vital, value, reading, change),
    )
    if change == "raised":
        evidence.after_alarm(found)
    else:
        known.sustained = evidence.calmed(found)
    return told(state, draft, change, reading.received_at_us)


def _mark_onset(found: Sustained, reading: Reading) -> None:
    if found.total <= 0:
        found.onset_id, found.onset_at_us = "", 0
    elif not found.onset_id:
        found.onset_id, found.onset_at_us = reading.reading_id, reading.measured_at_us


def _sustained_change(
    state: PatientState, known: VitalState, vital: Vital, reading: Reading, found: Sustained
) -> Change | None:
    if found.is_raised:
        return "cleared" if evidence.is_over(found) else None
    if found.total < evidence.THRESHOLD or _is_told_already(known, evidence.WORSE[vital]):
        return None
    return "raised" if _may_ring(state, vital, evidence.WORSE[vital], reading) else None


def _is_told_already(known: VitalState, direction: Direction) -> bool:
    """One alarm for one fact: a clinical or a sudden alarm of that side stands."""
    kinds: tuple[AlarmKind, ...] = ("clinical", "personal")
    standing = (known.watches.get(watch_name(kind, direction)) for kind in kinds)
    return any(watch is not None and watch.is_raised for watch in standing)


def _may_ring(state: PatientState, vital: str, direction: Direction, reading: Reading) -> bool:
    return (
        hush(
            state.care,
            "personal",
            vital,
            direction,
            measured_at_us=reading.measured_at_us,
            received_at_us=reading.received_at_us,
        )
        == "nothing"
    )


def _why_sustained(
    state: PatientState, known: VitalState, vital: Vital, value: float, reading: Reading, change: Change
) -> Explanation:
    assert known.habit is not None and known.block is not None and known.sustained is not None  # noqa: S101, PT018 -- a block was closed
    usual = habit.expected(known.habit, known.block.number)
    reach = 2.0 * habit.spread(known.habit, vital)
    name = words.NAMES[vital]
    span = words.span(vital, usual - reach, usual + reach)
    if change == "cleared":
        sentence = f"{name} {words.amount(vital, value)}: near this person's usual {span} for an hour."
    else:
        side = "above" if evidence.WORSE[vital] == "high" else "below"
        lasted = words.duration(reading.measured_at_us - known.sustained.onset_at_us)
        rest = " at rest" if vital == "heart_rate_bpm" else ""
        now = f"now {words.amount(vital, value)}"
        before = evidence.hour_before(known.sustained)
        if before < -reach / 2:
            came_from = words.amount(vital, round(usual + before))
            sentence = f"{name}{rest} rose from {came_from} in the hour before and stayed up for {lasted}; {now}, usual is {span}."
        else:
            sentence = f"{name} has been {side} this person's usual {span}{rest} for {lasted}; {now}."
    return Explanation(
        reading_id=reading.reading_id,
        measured_at_us=reading.measured_at_us,
        value=value,
        sentence=sentence,
        usual_low=usual - reach,
        usual_high=usual + reach,
        evidence={vital: round(known.sustained.total / evidence.THRESHOLD, 2)},
        readings_used=0 if known.baseline is None else known.baseline.readings,
        model_version=state.model_version,
    )


def _trend(state: PatientState, trend: Trend, reading: Reading) -> Alarm | None:
    """The days' alarm: raised and cleared when a day ends."""
    totals = tracking.totals(state)
    total = tracking.trend_total(state)
    if not trend.is_raised:
        if total <= 0:
            trend.onset_id, trend.onset_at_us = "", 0
        elif not trend.onset_id:
            trend.onset_id, trend.onset_at_us = reading.reading_id, reading.measured_at_us
    change: Change | None = None
    if trend.is_raised and total < evidence.DAY_CLEARS:
        change = "cleared"
    elif not trend.is_raised and total >= evidence.DAY_THRESHOLD and _may_ring(state, TREND, "high", reading):
        change = "raised"
    if change is None:
        return None
    trend.is_raised = change == "raised"
    why = Explanation(
        reading_id=reading.reading_id,
        measured_at_us=reading.measured_at_us,
        value=round(total, 2),
        sentence=_trend_sentence(change, totals, trend, reading),
        limit=evidence.DAY_THRESHOLD,
        source="evidence over days",
        evidence={name: round(each, 2) for name, each in totals.items()},
        readings_used=state.readings,
        model_version=state.model_version,
    )
    draft = _draft(
        reading, "personal", TREND, TREND, "high", Watch(trend.onset_id, trend.onset_at_us, 0), why
    )
    return told(state, draft, change, reading.received_at_us)


def _trend_sentence(change: Change, totals: dict[str, float], trend: Trend, reading: Reading) -> str:
    if change == "cleared":
        return "The last days were as usual for this person again."
    names = sorted(totals, key=lambda name: -totals[name])
    said = ", ".join(_moved(name) for name in names)
    # The onset is the end of the first such day.
    lasted = words.duration(reading.measured_at_us - trend.onset_at_us + habit.DAY_US)
    return f"Not as usual for this person for {lasted} or more: {said}."


def _moved(signal: str) -> str:
    vital = next((vital for vital in evidence.WORSE if vital == signal), None)
    if vital is None:
        return "fewer steps"
    side = "higher" if evidence.WORSE[vital] == "high" else "lower"
    return f"{words.NAMES[vital].lower()} {side}"


def _aggregate(state: PatientState, reading: Reading, number: int) -> Alarm | None:
    """NEWS2's alarm, a clinical one, of means over five minutes: looked at whenever a block opens."""
    values = dict(_current(state, number))
    total = news2.aggregate(values, reading.gcs)
    finding = Finding(total >= news2.URGENT, total <= news2.WELL)
    if state.news2 is None and not finding.is_outside:
        return None
    held_back = hush(
        state.care,
        "clinical",
        AGGREGATE,
        "high",
        measured_at_us=reading.measured_at_us,
        received_at_us=reading.received_at_us,
    )
    before = state.news2
    state.news2, change = step(
        before, finding, reading.reading_id, reading.measured_at_us, NEWS2, hush=held_back
    )
    watch = before if change == "cleared" else state.news2
    if change is None or watch is None:
        return None
    draft = _draft(
        reading, "clinical", AGGREGATE, AGGREGATE, "high", watch, _why_news2(state, values, total, reading)
    )
    return told(state, draft, change, reading.received_at_us)


def _current(state: PatientState, number: int) -> Iterator[tuple[Vital, float]]:
    for vital, known in state.vitals.items():
        if (
            known.value is not None
            and known.block is not None
            and number - known.block.number <= _CURRENT_BLOCKS
        ):
            yield vital, known.value


def _why_news2(state: PatientState, values: dict[Vital, float], total: int, reading: Reading) -> Explanation:
    scored = {str(vital): float(news2.points(vital, value)) for vital, value in values.items()}
    parts = ", ".join(
        f"{words.NAMES[vital].lower()} {words.amount(vital, value)} ({news2.points(vital, value)})"
        for vital, value in values.items()
        if news2.points(vital, value)
    )
    return Explanation(
        reading_id=reading.reading_id,
        measured_at_us=reading.measured_at_us,
        value=float(total),
        sentence=f"NEWS2 of the vitals present is {total}: {parts or 'every vital within its band'}.",
        limit=float(news2.URGENT),
        source="NEWS2 aggregate",
        evidence=scored,
        readings_used=state.readings,
        model_version=state.model_version,
    )


def _draft(
    reading: Reading,
    kind: AlarmKind,
    vital: str,
    id_part: str,
    direction: Direction,
    watch: Watch,
    why: Explanation,
) -> Alarm:
    return Alarm(
        alarm_id=alarm_id(reading.user_id, kind, id_part, watch.onset_id),
        revision=0,
        user_id=reading.user_id,
        device_id=reading.device_id,
        kind=kind,
        vital=vital,
        direction=direction,
        priority=priority(kind, is_danger=False),
        state="active",
        raised_at_us=watch.onset_at_us,
        at_us=reading.measured_at_us,
        explanation=why,
    )
