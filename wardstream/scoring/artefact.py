"""Which values of a reading may be judged: what can't be true of a body is kept and never scored."""

from collections.abc import Iterator

from wardstream.contracts.reading import Reading
from wardstream.contracts.vitals import SPO2_CEILING_PCT, VITALS, Vital

# Up to here a pulse oximeter may be off by its own error; beyond, the sensor itself is at fault (an anomaly `sensor`).
SPO2_SENSOR_FAULT_PCT = 110.0


def scorable(reading: Reading) -> Iterator[tuple[Vital, float]]:
    """The vitals that may be held against the person: none off the body, none marked, no saturation over 100 %."""
    if reading.on_body is False:
        return
    for vital in VITALS:
        value: float | None = getattr(reading, vital)
        if value is None or vital in reading.artefacts:
            continue
        if vital == "spo2_pct" and value > SPO2_CEILING_PCT:
            continue
        yield vital, value


def has_sensor_fault(reading: Reading) -> bool:
    """Whether the saturation is one that only a broken sensor, worn by somebody, says."""
    return reading.on_body is not False and (reading.spo2_pct or 0.0) > SPO2_SENSOR_FAULT_PCT
