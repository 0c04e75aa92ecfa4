"""Anomalies and alarms as DynamoDB holds them."""

from decimal import Decimal

import msgspec
import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from alarm_store.items import DATATYPES, Attribute, of_alarm, of_anomaly
from wardstream.contracts.alarm import Alarm, Explanation
from wardstream.contracts.anomaly import Anomaly
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.vitals import VITALS, Vital

# 2025-11-08T10:23:45.123456Z
AT_US = 1_762_597_425_123_456
ANOMALY = Anomaly(
    anomaly_id="abcdefghijklmnopqrst",
    reading_id="r1",
    device_id="device_1",
    user_id="ann",
    measured_at_us=AT_US,
    received_at_us=AT_US + 1_000_000,
    vital="spo2_pct",
    value=84.5,
    direction="low",
    rule="simple_limit",
    limit=85.0,
)
ALARM = Alarm(
    alarm_id="alarm-1",
    revision=2,
    user_id="ann",
    device_id="device_1",
    kind="personal",
    vital="heart_rate_bpm",
    direction="high",
    priority="medium",
    state="cleared",
    raised_at_us=AT_US,
    at_us=AT_US + 60_000_000,
    explanation=Explanation(
        reading_id="r1",
        measured_at_us=AT_US,
        value=131.0,
        sentence="The heart beats faster than usual.",
        usual_low=60.5,
        usual_high=90.0,
        evidence={"heart_rate_bpm": 5.25},
        readings_used=1200,
        model_version=3,
    ),
)


def test_an_anomaly_s_item_is_as_specified() -> None:
    item = of_anomaly(ANOMALY, ttl_days=400)

    assert item.table == "BSM_anamoly"
    assert item.only_if == "attribute_not_exists(deviceid)"
    assert item.attributes == {
        "deviceid": "device_1",
        "timestamp": "2025-11-08T10:23:45.123456Z#SPO2#abcdefgh",
        "anomaly_id": "abcdefghijklmnopqrst",
        "reading_id": "r1",
        "user_id": "ann",
        "vital": "spo2_pct",
        "value": Decimal("84.5"),
        "rule": "simple_limit",
        "limit": Decimal("85.0"),
        "direction": "low",
        "received_at": "2025-11-08T10:23:46.123456Z",
        "expires_at": Decimal(1_762_597_426 + 400 * 86_400),
    }


def test_an_alarm_s_item_is_as_specified() -> None:
    item = of_alarm(ALARM)

    assert item.table == "BSM_alarm"
    assert item.only_if == "attribute_not_exists(revision) OR revision < :revision"
    assert item.only_if_values == {":revision": Decimal(2)}
    assert item.attributes == {
        "user_id": "ann",
        "alarm": "2025-11-08T10:23:45.123456Z#alarm-1",
        "alarm_id": "alarm-1",
        "revision": Decimal(2),
        "device_id": "device_1",
        "kind": "personal",
        "vital": "heart_rate_bpm",
        "direction": "high",
        "priority": "medium",
        "state": "cleared",
        "raised_at": "2025-11-08T10:23:45.123456Z",
        "at": "2025-11-08T10:24:45.123456Z",
        "explanation": {
            "reading_id": "r1",
            "measured_at": "2025-11-08T10:23:45.123456Z",
            "value": Decimal("131.0"),
            "usual_low": Decimal("60.5"),
            "usual_high": Decimal("90.0"),
            "evidence": {"heart_rate_bpm": Decimal("5.25")},
            "readings_used": Decimal(1200),
            "model_version": Decimal(3),
        },
        "sentence": "The heart beats faster than usual.",
    }


def test_who_acknowledged_an_alarm_and_how_often_it_was_said_again_is_kept() -> None:
    seen = msgspec.structs.replace(
        ALARM, reminder=2, acknowledged_by="nurse", acknowledged_at_us=1762597485123456
    )

    item = of_alarm(seen)

    assert item.attributes["reminder"] == Decimal(2)
    assert item.attributes["acknowledged_by"] == "nurse"
    assert item.attributes["acknowledged_at"] == "2025-11-08T10:24:45.123456Z"


def test_every_vital_has_a_datatype_of_its_own() -> None:
    assert set(DATATYPES) == set(VITALS)
    assert len(set(DATATYPES.values())) == len(VITALS)


@given(st.sampled_from(VITALS), st.sampled_from(VITALS))
def test_two_vitals_of_one_reading_have_two_items(one: Vital, other: Vital) -> None:
    items = [of_anomaly(msgspec.structs.replace(ANOMALY, vital=vital), 400) for vital in (one, other)]

    assert (items[0].attributes["timestamp"] == items[1].attributes["timestamp"]) == (one == other)


@given(st.integers(0, 253_402_300_799_999_999), st.integers(0, 253_402_300_799_999_999))
def test_sort_keys_sort_as_time_does(one: int, other: int) -> None:
    keys = [
        str(of_anomaly(msgspec.structs.replace(ANOMALY, measured_at_us=at), 400).attributes["timestamp"])
        for at in (one, other)
    ]

    assert (keys[0] < keys[1]) == (one < other)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_exact_in_dynamodb_or_refused(value: float) -> None:
    extreme = msgspec.structs.replace(ANOMALY, value=value)
    if value and not 1e-130 < abs(value) < 1e125:
        with pytest.raises(Malformed, match="range"):
            of_anomaly(extreme, 400)
        return

    typed = TypeSerializer().serialize(of_anomaly(extreme, 400).attributes["value"])

    assert float(typed["N"]) == value


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"device_id": ""}, "identity"),
        ({"device_id": "d" * 1025}, "identity"),
        ({"measured_at_us": 2**62}, "timestamp"),
        ({"received_at_us": -(2**62)}, "timestamp"),
    ],
)
def test_an_anomaly_no_table_can_hold_is_malformed(changed: dict[str, Attribute], reason: str) -> None:
    with pytest.raises(Malformed) as refused:
        of_anomaly(msgspec.structs.replace(ANOMALY, **changed), 400)

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"user_id": ""}, "identity"),
        ({"alarm_id": "a" * 1025}, "identity"),
        ({"raised_at_us": 2**62}, "timestamp"),
        ({"revision": 10**40}, "range"),
    ],
)
def test_an_alarm_no_table_can_hold_is_malformed(changed: dict[str, Attribute], reason: str) -> None:
    with pytest.raises(Malformed) as refused:
        of_alarm(msgspec.structs.replace(ALARM, **changed))

    assert refused.value.reason == reason
