"""Which values of a reading may be judged: what can't be true of a body is kept and never scored."""

from wardstream.contracts.reading import Reading
from wardstream.contracts.vitals import SPO2_CEILING_PCT, Vital

# Up to here a pulse oximeter may be off by its own error; beyond, the sensor itself is at fault (an anomaly `sensor`).
SPO2_SENSOR_FAULT_PCT = 110.0


def scorable(reading: Reading) -> list[tuple[Vital, float]]:
    """The vitals that may be held against the person: none off the body, none marked, no saturation over 100 %."""
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
    if reading.on_body is False or reading.artefacts or reading.spo2_pct is not None:
        return [pair for pair in said if _is_credible(reading, *pair)]
    return said


def _is_credible(reading: Reading, vital: Vital, value: float) -> bool:
    if reading.on_body is False or vital in reading.artefacts:
        return False
    return vital != "spo2_pct" or value <= SPO2_CEILING_PCT


def has_sensor_fault(reading: Reading) -> bool:
    """Whether the saturation is one that only a broken sensor, worn by somebody, says."""
    return reading.on_body is not False and (reading.spo2_pct or 0.0) > SPO2_SENSOR_FAULT_PCT
