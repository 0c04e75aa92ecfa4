"""Which values of a reading may be judged: what can't be true of a body is kept and never scored."""

from wardstream.contracts.reading import Reading
from wardstream.contracts.vitals import SPO2_CEILING_PCT, Vital
from wardstream.scoring.block import Block

# Up to here a pulse oximeter may be off by its own error; beyond, the sensor itself is at fault (an anomaly `sensor`).
SPO2_SENSOR_FAULT_PCT = 110.0

# Outside these it is the instrument that speaks: a probe in the air (25 °C), a cuff or an arterial line open to it (0 mmHg), a lead that fell
# off (0 bpm). They lie beyond the survivable records (core 13.7 °C apart, which no probe here would meet) and far beyond every danger value, so
# that what is dangerous on the way there alarms. A bedside monitor's own asystole alarm is not ours to replace.
PLAUSIBLE: dict[Vital, tuple[float, float]] = {
    "heart_rate_bpm": (15.0, 300.0),
    "spo2_pct": (30.0, SPO2_CEILING_PCT),
    "temperature_c": (26.0, 44.0),
    "systolic_mmhg": (30.0, 300.0),
    "diastolic_mmhg": (10.0, 220.0),
    "respiratory_rate_bpm": (2.0, 90.0),
}
# A body's temperature doesn't change so much within five minutes; a probe that slips does.
TEMPERATURE_JUMP_C = 2.0
# As many readings of one block make its mean worth comparing with.
ENOUGH_FOR_A_JUMP = 3
# Two five-minutes in a row with exactly one mean of so many readings: a sensor that repeats itself.
FLAT_READINGS = 10


def scorable(reading: Reading) -> list[tuple[Vital, float]]:
    """The vitals that may be held against the person: none off the body, none marked, none that only an instrument says."""
    said: list[tuple[Vital, float]] = []
    # Written out: one reading in a thousand says all of them, and a loop over their names costs four times as much.
    if reading.heart_rate_bpm is not None:
        said.append(("heart_rate_bpm", reading.heart_rate_bpm))
    if reading.spo2_pct is not None:
        said.append(("spo2_pct", reading.spo2_pct))
    if reading.temperature_c is not None:
        said.append(("temperature_c", reading.temperature_c))
    if reading.systolic_mmhg is not None:
        said.append(("systolic_mmhg", reading.systolic_mmhg))
    if reading.diastolic_mmhg is not None:
        said.append(("diastolic_mmhg", reading.diastolic_mmhg))
    if reading.respiratory_rate_bpm is not None:
        said.append(("respiratory_rate_bpm", reading.respiratory_rate_bpm))
    if reading.on_body is False or reading.artefacts:
        return [pair for pair in said if _is_credible(reading, *pair)]
    for vital, value in said:
        low, high = PLAUSIBLE[vital]
        if not low <= value <= high:
            return [pair for pair in said if _is_credible(reading, *pair)]
    return said


def heart_rate(reading: Reading) -> float | None:
    """The heart rate, if it is one that `scorable` names."""
    value = reading.heart_rate_bpm
    return value if value is not None and _is_credible(reading, "heart_rate_bpm", value) else None


def _is_credible(reading: Reading, vital: Vital, value: float) -> bool:
    if reading.on_body is False or vital in reading.artefacts:
        return False
    low, high = PLAUSIBLE[vital]
    return low <= value <= high


def has_sensor_fault(reading: Reading) -> bool:
    """Whether the saturation is one that only a broken sensor, worn by somebody, says."""
    return reading.on_body is not False and (reading.spo2_pct or 0.0) > SPO2_SENSOR_FAULT_PCT


def has_jumped(block: Block, temperature_c: float) -> bool:
    """Whether a temperature is further from those of the same five minutes than a body's can be."""
    count = block.rest_count
    return count >= ENOUGH_FOR_A_JUMP and abs(temperature_c - block.rest_sum / count) > TEMPERATURE_JUMP_C
