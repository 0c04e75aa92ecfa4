"""The bytes of the three formats."""

import json

from hypothesis import given
from hypothesis import strategies as st

from iot_simulator import encode
from wardstream.contracts import units
from wardstream.contracts.vitals import ACCEPTED

AT_US = 1_762_597_425_123_456


def test_a_bedside_heart_rate_has_exactly_these_bytes() -> None:
    payload, values = encode.bedside("device_1", AT_US, "heart_rate_bpm", 84.6)

    assert payload == (
        b'{"deviceid":"device_1","timestamp":"2025-11-08 10:23:45.123456","datatype":"HeartRate","value":85}'
    )
    assert values == {"heart_rate_bpm": 85}


def test_a_bedside_saturation_has_exactly_these_bytes() -> None:
    payload, values = encode.bedside("device_1", AT_US, "spo2_pct", 90.4)

    assert payload == (
        b'{"deviceid":"device_1","timestamp":"2025-11-08 10:23:45.123456","datatype":"SPO2","value":90}'
    )
    assert values == {"spo2_pct": 90}


def test_a_bedside_temperature_goes_out_in_fahrenheit_with_one_decimal() -> None:
    payload, values = encode.bedside("device_1", AT_US, "temperature_c", (99.04 - 32) * 5 / 9)

    assert payload == (
        b'{"deviceid":"device_1","timestamp":"2025-11-08 10:23:45.123456","datatype":"Temperature","value":99.0}'
    )
    assert values == {"temperature_c": units.celsius(99.0)}


def test_a_packet_has_exactly_these_bytes() -> None:
    vitals = {"heart_rate_bpm": 72.2, "systolic_mmhg": 120.4, "diastolic_mmhg": 79.6, "temperature_c": 36.89}

    payload, values = encode.packet("device_1", AT_US, vitals)

    assert payload == (
        b'{"device_id":"device_1","timestamp":"2025-11-08 10:23:45.123456","heart_rate":72,'
        b'"blood_pressure":"120/80","temperature":98.4}'
    )
    assert values == {
        "heart_rate_bpm": 72,
        "systolic_mmhg": 120,
        "diastolic_mmhg": 80,
        "temperature_c": units.celsius(98.4),
    }


def test_a_native_message_has_exactly_these_bytes() -> None:
    vitals = {"heart_rate_bpm": 61.25, "spo2_pct": 97.04, "temperature_c": 36.618, "on_body": 1.0}

    payload, values = encode.native("device_1", AT_US, 7, 3, vitals)

    assert payload == (
        b'{"v":1,"device_id":"device_1","boot":7,"seq":3,"measured_at":"2025-11-08T10:23:45.123456Z",'
        b'"heart_rate_bpm":61.2,"spo2_pct":97.0,"temperature_c":36.62,"on_body":true}'
    )
    assert values == {"heart_rate_bpm": 61.2, "spo2_pct": 97.0, "temperature_c": 36.62, "on_body": 1.0}


def test_a_coma_score_goes_out_as_a_whole_number() -> None:
    payload, _values = encode.native("device_1", AT_US, 7, 3, {"gcs": 15.0})

    assert json.loads(payload)["gcs"] == 15
    assert b'"gcs":15}' in payload


@given(st.integers(0, 4_102_444_800_000_000))
def test_every_stamp_is_the_instant_to_the_microsecond(at_us: int) -> None:
    stamp = encode.stamp(at_us)

    assert stamp == units.utc(at_us).strftime("%Y-%m-%d %H:%M:%S.%f")


@given(st.floats(ACCEPTED["temperature_c"].low, ACCEPTED["temperature_c"].high))
def test_a_temperature_within_what_is_accepted_stays_there_through_fahrenheit(celsius: float) -> None:
    _payload, values = encode.bedside("device_1", AT_US, "temperature_c", celsius)

    assert ACCEPTED["temperature_c"].low <= values["temperature_c"] <= ACCEPTED["temperature_c"].high
