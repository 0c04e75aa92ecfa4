"""Anomalies: every value outside a simple limit, and every value that only a broken sensor says."""

from collections.abc import Iterator

from wardstream.contracts.alarm_action import LimitPair
from wardstream.contracts.anomaly import Anomaly, Direction, Rule
from wardstream.contracts.identity import anomaly_id
from wardstream.contracts.reading import Reading
from wardstream.contracts.vitals import Vital
from wardstream.scoring.artefact import SPO2_SENSOR_FAULT_PCT, has_sensor_fault, scorable
from wardstream.scoring.limits import Limits


def flagged(reading: Reading, limits: Limits) -> tuple[Anomaly, ...]:
    """The anomalies of one reading, one per vital and rule. They depend on nothing but the reading and the limits."""
    return tuple(_flagged(reading, limits))


def _flagged(reading: Reading, limits: Limits) -> Iterator[Anomaly]:
    if has_sensor_fault(reading) and reading.spo2_pct is not None:
        yield _anomaly(reading, "spo2_pct", reading.spo2_pct, "high", "sensor", limit=SPO2_SENSOR_FAULT_PCT)
    for vital, value in scorable(reading):
        pair = limits.simple.get(vital)
        outside = _outside(pair, value) if pair else None
        if outside:
            yield _anomaly(reading, vital, value, outside[0], "simple_limit", limit=outside[1])


def _outside(pair: LimitPair, value: float) -> tuple[Direction, float] | None:
    if pair.low is not None and value < pair.low:
        return "low", pair.low
    if pair.high is not None and value > pair.high:
        return "high", pair.high
    return None


def _anomaly(
    reading: Reading, vital: Vital, value: float, direction: Direction, rule: Rule, *, limit: float
) -> Anomaly:
    return Anomaly(
        anomaly_id=anomaly_id(reading.reading_id, vital, rule),
        reading_id=reading.reading_id,
        device_id=reading.device_id,
        user_id=reading.user_id,
        measured_at_us=reading.measured_at_us,
        received_at_us=reading.received_at_us,
        vital=vital,
        value=value,
        direction=direction,
        rule=rule,
        limit=limit,
    )
