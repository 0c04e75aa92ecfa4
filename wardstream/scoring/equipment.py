"""What readings tell of devices: battery low, not worn, data old when they arrive, and heard again after silence.

All times here are arrivals, by the bridge's clock: these alarms are about what reaches us.
"""

import msgspec

from wardstream.contracts.alarm import Alarm, AlarmKind, Explanation
from wardstream.contracts.reading import Reading
from wardstream.scoring import words
from wardstream.scoring.alarms import Watch
from wardstream.scoring.hush import hush
from wardstream.scoring.lifecycle import keep
from wardstream.scoring.state import PatientState
from wardstream.scoring.technical import Subject, end_run, put_run, run_of, technical_step

_MINUTE_US = 60 * 1_000_000
# A wearable lasts hours from here: enough for the next round. One that is charged passes the second soon.
BATTERY_LOW_PCT = 10.0
BATTERY_WELL_PCT = 20.0
# Washing and changing a sensor take less.
OFF_BODY_US = 10 * _MINUTE_US
# Gateways hold readings back for minutes; what is older than this when it arrives watches nobody.
STALE_US = 10 * _MINUTE_US
# What was measured in a window may come out of a device's outbox as late as this.
_OUTBOX_US = 24 * 60 * _MINUTE_US


def heard(state: PatientState, reading: Reading) -> list[Alarm]:
    """The alarm steps about devices that one reading makes. Snoozes and windows that are over are forgotten."""
    _forget_what_is_over(state, reading.received_at_us)
    if is_untroubled(reading) and (state.care is None or not state.care.technical):
        return []
    steps = (
        _heard_again(state, reading),
        _battery(state, reading),
        _off_body(state, reading),
        _fresh_again(state, reading),
    )
    return [step for step in steps if step is not None]


def is_untroubled(reading: Reading) -> bool:
    """Whether a reading by itself is about no trouble with a device."""
    battery_pct = reading.battery_pct
    return (
        reading.received_at_us - reading.measured_at_us <= STALE_US
        and reading.on_body is not False
        and (battery_pct is None or battery_pct > BATTERY_LOW_PCT)
    )


def _forget_what_is_over(state: PatientState, now_us: int) -> None:
    care = state.care
    if care is None or not (care.snoozes or care.windows):
        return
    care.snoozes = {name: each for name, each in care.snoozes.items() if now_us < each.until_us}
    care.windows = {
        scope: each
        for scope, each in care.windows.items()
        if now_us < max(each.until_us, each.at_us) + _OUTBOX_US
    }
    keep(state, care)


def _heard_again(state: PatientState, reading: Reading) -> Alarm | None:
    subject = Subject("silence", reading.user_id, "")
    run = run_of(state, subject.name)
    if run is None:
        return None
    silent_us = run.outside_for_us(reading.received_at_us)
    sentence = f"Readings arrive again after {words.duration(silent_us)}."
    return _ended(state, subject, run, reading, value=minutes(silent_us), sentence=sentence)


def _battery(state: PatientState, reading: Reading) -> Alarm | None:
    """Low raises at once, a good charge clears; between them nothing changes."""
    charge_pct = reading.battery_pct
    if charge_pct is None:
        return None
    subject = Subject("battery", reading.user_id, reading.device_id)
    run = run_of(state, subject.name)
    sentence = f"Battery at {words.number(charge_pct)} %."
    if run is not None:
        if charge_pct < BATTERY_WELL_PCT:
            return None
        return _ended(state, subject, run, reading, value=charge_pct, sentence=sentence)
    if charge_pct > BATTERY_LOW_PCT or _is_held_back(state, reading, "battery"):
        return None
    begun = msgspec.structs.replace(_begun(reading), is_raised=True)
    return _raised(state, subject, begun, reading, value=charge_pct, limit=BATTERY_LOW_PCT, sentence=sentence)


def _off_body(state: PatientState, reading: Reading) -> Alarm | None:
    """Not worn for `OFF_BODY_US` raises, worn clears; a reading that says neither is no evidence."""
    if reading.on_body is None:
        return None
    subject = Subject("off_body", reading.user_id, reading.device_id)
    run = run_of(state, subject.name)
    if run is None:
        if not reading.on_body:
            put_run(state, subject.name, _begun(reading))
        return None
    lasted_us = run.outside_for_us(reading.received_at_us)
    if reading.on_body:
        return _ended(state, subject, run, reading, value=minutes(lasted_us), sentence="Worn again.")
    if run.is_raised or lasted_us < OFF_BODY_US or _is_held_back(state, reading, "off_body"):
        return None
    sentence = f"Not worn for {words.duration(lasted_us)}."
    worn_out = msgspec.structs.replace(run, is_raised=True)
    return _raised(
        state,
        subject,
        worn_out,
        reading,
        value=minutes(lasted_us),
        limit=minutes(OFF_BODY_US),
        sentence=sentence,
    )


def _fresh_again(state: PatientState, reading: Reading) -> Alarm | None:
    """Old data begin a run, which the clock raises (`timers`); fresh data end it."""
    subject = Subject("stale", reading.user_id, reading.device_id)
    run = run_of(state, subject.name)
    age_us = reading.received_at_us - reading.measured_at_us
    if age_us > STALE_US:
        if run is None:
            put_run(state, subject.name, _begun(reading))
        return None
    if run is None:
        return None
    return _ended(state, subject, run, reading, value=minutes(age_us), sentence="Its data are fresh again.")


def minutes(duration_us: int) -> float:
    """Minutes to a tenth: what an explanation shows."""
    return round(duration_us / _MINUTE_US, 1)


def _begun(reading: Reading) -> Watch:
    return Watch(reading.reading_id, reading.received_at_us, 1)


def _is_held_back(state: PatientState, reading: Reading, kind: AlarmKind) -> bool:
    held_back = hush(
        state.care,
        kind,
        "",
        "low",
        measured_at_us=reading.measured_at_us,
        received_at_us=reading.received_at_us,
    )
    return held_back != "nothing"


def _raised(
    state: PatientState,
    subject: Subject,
    run: Watch,
    reading: Reading,
    *,
    value: float,
    limit: float,
    sentence: str,
) -> Alarm | None:
    if not put_run(state, subject.name, run):
        return None
    at_us = reading.received_at_us
    why = msgspec.structs.replace(_why(reading, value, sentence), limit=limit)
    return technical_step(state, subject, run, "raised", at_us=at_us, said_at_us=at_us, why=why)


def _ended(
    state: PatientState, subject: Subject, run: Watch, reading: Reading, *, value: float, sentence: str
) -> Alarm | None:
    """Forgets the run; the step that clears its alarm, if it had become one."""
    end_run(state, subject.name)
    if not run.is_raised:
        return None
    at_us = reading.received_at_us
    why = _why(reading, value, sentence)
    return technical_step(state, subject, run, "cleared", at_us=at_us, said_at_us=at_us, why=why)


def _why(reading: Reading, value: float, sentence: str) -> Explanation:
    return Explanation(
        reading_id=reading.reading_id, measured_at_us=reading.measured_at_us, value=value, sentence=sentence
    )
