"""Anomalies and alarms as DynamoDB items. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from wardstream.contracts.alarm import Alarm, Explanation
from wardstream.contracts.anomaly import Anomaly
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.tables import ALARM_TABLE, ANOMALY_TABLE
from wardstream.contracts.units import utc
from wardstream.contracts.vitals import Vital

Attribute: TypeAlias = "str | Decimal | Mapping[str, Attribute]"

# The bedside format's own names, and theirs for what it doesn't send.
DATATYPES: dict[Vital, str] = {
    "heart_rate_bpm": "HeartRate",
    "spo2_pct": "SPO2",
    "temperature_c": "Temperature",
    "systolic_mmhg": "Systolic",
    "diastolic_mmhg": "Diastolic",
    "respiratory_rate_bpm": "RespiratoryRate",
}
_DAY_S = 24 * 60 * 60
_US_PER_S = 1_000_000
# What DynamoDB holds in a number, and in a sort key.
_LARGEST = 1e125
_SMALLEST = 1e-130
_DIGITS = 38
_KEY_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Item:
    """What is written, where, and on which condition: `only_if` is False of a table that has it already or has newer."""

    table: str
    attributes: Mapping[str, Attribute]
    only_if: str
    only_if_values: Mapping[str, Attribute]


def of_anomaly(anomaly: Anomaly, ttl_days: int) -> Item:
    """The anomaly's item: the same for every replay, so writing it where it isn't yet is writing it once.

    `expires_at` counts from the receipt, not from the measurement: a device's clock may be years behind.
    """
    datatype = DATATYPES[anomaly.vital]
    attributes: dict[str, Attribute] = {
        "deviceid": _key("device_id", anomaly.device_id),
        "timestamp": _key(
            "anomaly_id", f"{_instant(anomaly.measured_at_us)}#{datatype}#{anomaly.anomaly_id[:8]}"
        ),
        "anomaly_id": anomaly.anomaly_id,
        "reading_id": anomaly.reading_id,
        "user_id": anomaly.user_id,
        "vital": anomaly.vital,
        "value": _number("value", anomaly.value),
        "rule": anomaly.rule,
        "limit": _number("limit", anomaly.limit),
        "direction": anomaly.direction,
        "received_at": _instant(anomaly.received_at_us),
        "expires_at": Decimal(anomaly.received_at_us // _US_PER_S + ttl_days * _DAY_S),
    }
    return Item(ANOMALY_TABLE, attributes, "attribute_not_exists(deviceid)", {})


def of_alarm(alarm: Alarm) -> Item:
    """The alarm as its step `revision` left it. Of several revisions the highest stays, in whatever order they come."""
    revision = _number("revision", alarm.revision)
    raised_at = _instant(alarm.raised_at_us)
    attributes: dict[str, Attribute] = {
        "user_id": _key("user_id", alarm.user_id),
        "alarm": _key("alarm_id", f"{raised_at}#{alarm.alarm_id}"),
        "alarm_id": alarm.alarm_id,
        "revision": revision,
        "device_id": alarm.device_id,
        "kind": alarm.kind,
        "vital": alarm.vital,
        "direction": alarm.direction,
        "priority": alarm.priority,
        "state": alarm.state,
        "raised_at": raised_at,
        "at": _instant(alarm.at_us),
        "explanation": _explanation(alarm.explanation),
        "sentence": alarm.explanation.sentence,
    }
    if alarm.reminder:
        attributes["reminder"] = _number("reminder", alarm.reminder)
    if alarm.acknowledged_by is not None and alarm.acknowledged_at_us is not None:
        attributes |= {
            "acknowledged_by": alarm.acknowledged_by,
            "acknowledged_at": _instant(alarm.acknowledged_at_us),
        }
    return Item(
        ALARM_TABLE,
        attributes,
        "attribute_not_exists(revision) OR revision < :revision",
        {":revision": revision},
    )


def _explanation(why: Explanation) -> Mapping[str, Attribute]:
    said: dict[str, Attribute] = {
        "reading_id": why.reading_id,
        "measured_at": _instant(why.measured_at_us),
        "value": _number("value", why.value),
        "evidence": {vital: _number("evidence", spreads) for vital, spreads in why.evidence.items()},
        "readings_used": _number("readings_used", why.readings_used),
        "model_version": _number("model_version", why.model_version),
    }
    limits = {"limit": why.limit, "usual_low": why.usual_low, "usual_high": why.usual_high}
    said |= {name: _number(name, value) for name, value in limits.items() if value is not None}
    if why.source is not None:
        said["source"] = why.source
    return said


def _number(name: str, value: float) -> Decimal:
    """Exactly the number that the JSON said, by its shortest form; `Malformed` if DynamoDB can't hold it."""
    number = Decimal(repr(value))
    if (number and not _SMALLEST < abs(number) < _LARGEST) or len(number.as_tuple().digits) > _DIGITS:
        raise Malformed("range", f"{name} is beyond what a table can hold")
    return number


def _instant(microseconds: int) -> str:
    """ISO 8601 UTC with microseconds, always: as text, instants sort by time."""
    try:
        return utc(microseconds).isoformat(timespec="microseconds").replace("+00:00", "Z")
    except OverflowError as error:
        raise Malformed("timestamp", "no such instant") from error


def _key(name: str, text: str) -> str:
    if not text or len(text.encode()) > _KEY_BYTES:
        raise Malformed("identity", f"{name} is empty or too long for a key")
    return text
