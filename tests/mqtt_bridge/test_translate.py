"""Each format a device may speak, and each way a message can be bad."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from mqtt_bridge.translate import translate
from wardstream.contracts import units
from wardstream.contracts.device import Device
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import KEPT_BYTES, LARGEST_PAYLOAD_BYTES, Rejected

TOPIC = "iot/device/BSM_G101"
MEASURED = datetime(2025, 11, 8, 10, 23, 45, 123456, tzinfo=UTC)
RECEIVED_US = units.epoch_us(MEASURED) + 2_000_000


def bedside(**said: object) -> dict[str, object]:
    plain = {
        "deviceid": "BSM_G101",
        "timestamp": "2025-11-08 10:23:45.123456",
        "datatype": "HeartRate",
        "value": 72,
    }
    return plain | said


def packet(**said: object) -> dict[str, object]:
    return {"device_id": "BSM_G101", "timestamp": "2025-11-08 10:23:45.123456"} | said


def native(**said: object) -> dict[str, object]:
    return {
        "v": 1,
        "device_id": "BSM_G101",
        "boot": 3,
        "seq": 17,
        "measured_at": "2025-11-08T10:23:45.123456Z",
    } | said


def outcome(
    message: dict[str, object] | bytes, topic: str = TOPIC, device: Device | None = None
) -> Reading | Rejected:
    payload = message if isinstance(message, bytes) else msgspec.json.encode(message)
    return translate(topic, payload, RECEIVED_US, {device.device_id: device} if device else {})


def read(message: dict[str, object] | bytes, device: Device | None = None) -> Reading:
    carried = outcome(message, device=device)
    assert isinstance(carried, Reading), carried
    return carried


def refused(message: dict[str, object] | bytes, topic: str = TOPIC) -> Rejected:
    carried = outcome(message, topic)
    assert isinstance(carried, Rejected), carried
    return carried


@pytest.mark.parametrize(
    ("datatype", "value", "field", "kept"),
    [
        ("HeartRate", 72, "heart_rate_bpm", 72.0),
        ("SPO2", 97, "spo2_pct", 97.0),
        ("Temperature", 98.6, "temperature_c", 37.0),
    ],
)
def test_a_bedside_message_says_one_vital(datatype: str, value: float, field: str, kept: float) -> None:
    reading = read(bedside(datatype=datatype, value=value))

    assert getattr(reading, field) == kept
    assert (reading.device_id, reading.user_id) == ("BSM_G101", "BSM_G101")
    assert reading.measured_at_us == units.epoch_us(MEASURED)
    assert reading.received_at_us == RECEIVED_US


def test_a_packet_says_several_vitals_at_once() -> None:
    reading = read(packet(heart_rate=72, blood_pressure="120/80", temperature=98.4))

    assert reading.heart_rate_bpm == 72.0
    assert (reading.systolic_mmhg, reading.diastolic_mmhg) == (120.0, 80.0)
    assert reading.temperature_c == 36.89


@pytest.mark.parametrize(
    "said", [{"heart_rate": 61.5}, {"blood_pressure": "120.5/80"}, {"temperature": 36.6}]
)
def test_a_packet_may_say_any_part(said: dict[str, object]) -> None:
    assert isinstance(outcome(packet(**said)), Reading)


@pytest.mark.parametrize(("said", "celsius"), [(45.0, 45.0), (45.1, 7.28), (36.6, 36.6), (104, 40.0)])
def test_a_packet_temperature_above_45_is_fahrenheit(said: float, celsius: float) -> None:
    carried = outcome(packet(temperature=said))

    if celsius < 10:
        assert isinstance(carried, Rejected)
        assert carried.reason == "range"
    else:
        assert isinstance(carried, Reading)
        assert carried.temperature_c == celsius


def test_a_native_message_says_everything() -> None:
    message = native(
        heart_rate_bpm=72,
        spo2_pct=97.5,
        temperature_c=36.6,
        systolic_mmhg=120,
        diastolic_mmhg=80,
        respiratory_rate_bpm=14,
        steps_per_min=0,
        battery_pct=88,
        on_body=True,
        gcs=15,
    )

    reading = read(message)

    assert (reading.boot, reading.sequence) == (3, 17)
    assert (reading.steps_per_min, reading.battery_pct, reading.on_body, reading.gcs) == (0.0, 88.0, True, 15)
    assert (reading.respiratory_rate_bpm, reading.spo2_pct) == (14.0, 97.5)


@pytest.mark.parametrize("said", [{"battery_pct": 5}, {"on_body": False}, {"steps_per_min": 90}, {"gcs": 15}])
def test_a_native_message_may_say_only_how_the_device_is(said: dict[str, object]) -> None:
    assert isinstance(outcome(native(**said)), Reading)


def test_a_resent_message_has_the_same_id_however_it_is_written() -> None:
    once = b'{"deviceid":"BSM_G101","timestamp":"2025-11-08 10:23:45","datatype":"SPO2","value":97}'
    again = b'{ "value":97.0, "datatype":"SPO2", "timestamp":"2025-11-08T10:23:45Z", "deviceid":"BSM_G101"}'

    assert read(once).reading_id == read(again).reading_id


def test_on_body_makes_a_different_reading_than_off_body() -> None:
    on = read(native(boot=None, on_body=True))
    off = read(native(boot=None, on_body=False))

    assert on.reading_id != off.reading_id


@pytest.mark.parametrize(("spo2", "artefacts"), [(100, ()), (100.5, ("spo2_pct",)), (150, ("spo2_pct",))])
def test_a_saturation_over_100_is_kept_and_marked(spo2: float, artefacts: tuple[str, ...]) -> None:
    reading = read(native(spo2_pct=spo2))

    assert reading.spo2_pct == spo2
    assert reading.artefacts == artefacts


def test_a_registered_device_speaks_for_its_user_in_its_zone() -> None:
    device = Device(device_id="BSM_G101", user_id="anna", zone="Asia/Kolkata")

    reading = read(bedside(timestamp="2025-11-08 15:53:45.123456"), device)

    assert reading.user_id == "anna"
    assert reading.measured_at_us == units.epoch_us(MEASURED)


def test_a_zone_in_the_message_beats_the_registered_one() -> None:
    device = Device(device_id="BSM_G101", user_id="anna", zone="Asia/Kolkata")

    reading = read(bedside(timestamp="2025-11-08T11:23:45.123456+01:00"), device)

    assert reading.measured_at_us == units.epoch_us(MEASURED)


@pytest.mark.parametrize(
    "device_id", ["deviceid", "v", "timestamp"], ids=["a bedside key", "a native key", "a packet key"]
)
def test_a_device_may_be_called_like_a_field(device_id: str) -> None:
    message = msgspec.json.encode(native(device_id=device_id, heart_rate_bpm=70))

    assert isinstance(outcome(message, f"iot/device/{device_id}"), Reading)


BAD_BYTES = {
    "garbage": (b"\x00\x01garbage", "json"),
    "empty": (b"", "json"),
    "wrong UTF-8": (b'{"deviceid":"\xff\xfe"}', "encoding"),
    "UTF-16": ('{"deviceid":"\u00e9"}'.encode("utf-16"), "encoding"),
    "truncated": (b'{"deviceid":"BSM_G101"', "json"),
    "trailing": (b'{"deviceid":"BSM_G101"} {}', "json"),
    "a list": (b"[1, 2]", "json"),
    "a number": (b"72", "json"),
    "NaN": (msgspec.json.encode(bedside()).replace(b"72", b"NaN"), "json"),
    "Infinity": (msgspec.json.encode(bedside()).replace(b"72", b"-Infinity"), "json"),
    "a float too large": (msgspec.json.encode(bedside()).replace(b"72", b"1e999"), "range"),
    "an integer too long": (msgspec.json.encode(bedside()).replace(b"72", b"9" * 5000), "range"),
    "nested too deep": (b'{"a":' + b"[" * 60_000 + b"]" * 60_000 + b"}", "json"),
    "2 MB": (b" " * 2_000_000, "oversize"),
    "an empty object": (b"{}", "format"),
}


@pytest.mark.parametrize("case", BAD_BYTES)
def test_bytes_that_are_no_message_are_refused(case: str) -> None:
    payload, reason = BAD_BYTES[case]

    assert refused(payload).reason == reason


BAD_MESSAGES = {
    "a number as text": (bedside(value="72"), "format"),
    "a truth as a number": (bedside(value=True), "format"),
    "nothing as a number": (bedside(value=None), "format"),
    "a number as device": (bedside(deviceid=7), "format"),
    "a number as time": (bedside(timestamp=1762597425), "format"),
    "an unknown kind": (bedside(datatype="Mood"), "format"),
    "an unknown field": (bedside(mood="good"), "format"),
    "a field of another format": (packet(heart_rate=70, spo2_pct=97), "format"),
    "two formats at once": (bedside(v=1), "format"),
    "a missing field": ({"deviceid": "BSM_G101", "datatype": "SPO2", "value": 97}, "format"),
    "no vital in a packet": (packet(), "format"),
    "no vital in a native": (native(), "format"),
    "a pressure that is none": (packet(blood_pressure="high"), "format"),
    "a pressure in other digits": (packet(blood_pressure="\u0661\u0662\u0660/80"), "format"),
    "a sequence that is no whole number": (native(seq=1.5, heart_rate_bpm=70), "format"),
    "a coma scale that is no whole number": (native(gcs=14.5), "format"),
    "a version to come": (native(v=2, heart_rate_bpm=70, mood="good"), "version"),
    "a version that is none": (native(v="1", heart_rate_bpm=70), "format"),
    "heart rate -5": (bedside(value=-5), "range"),
    "SpO2 400": (bedside(datatype="SPO2", value=400), "range"),
    "a temperature of boiling water": (bedside(datatype="Temperature", value=212), "range"),
    "a pressure below nothing": (packet(blood_pressure="-5/80"), "range"),
    "a coma scale of 2": (native(gcs=2), "range"),
    "a battery of 101 %": (native(battery_pct=101), "range"),
    "a boot before the first": (native(boot=-1, heart_rate_bpm=70), "range"),
    "a sequence past 64 bits": (native(seq=2**63, heart_rate_bpm=70), "range"),
    "1970": (bedside(timestamp="1970-01-01 00:00:00"), "timestamp"),
    "three days ahead": (bedside(timestamp=f"{MEASURED + timedelta(days=3):%Y-%m-%d %H:%M:%S}"), "timestamp"),
    "30 February": (bedside(timestamp="2025-02-30 10:00:00"), "timestamp"),
    "no time at all": (bedside(timestamp="yesterday"), "timestamp"),
    "another device": (bedside(deviceid="BSM_G102"), "identity"),
    "another device's case": (bedside(deviceid="bsm_g101"), "identity"),
}


@pytest.mark.parametrize("case", BAD_MESSAGES)
def test_a_bad_message_is_refused_with_its_reason(case: str) -> None:
    message, reason = BAD_MESSAGES[case]

    assert refused(message).reason == reason


@pytest.mark.parametrize("device_id", ["", "a b", "a" * 129, "a\n", "\u00e9", "a\u0000b", "a#b"])
def test_a_device_id_that_cannot_be_a_key_is_refused(device_id: str) -> None:
    assert refused(bedside(deviceid=device_id), f"iot/device/{device_id}").reason == "identity"


def test_a_refusal_keeps_the_bytes_as_they_came() -> None:
    payload = msgspec.json.encode(bedside(value=-5))

    rejected = refused(payload)

    assert rejected.payload == payload
    assert (rejected.topic, rejected.device_id) == (TOPIC, "BSM_G101")
    assert rejected.received_at_us == RECEIVED_US


def test_of_an_oversized_payload_the_beginning_is_kept() -> None:
    payload = b"x" * (LARGEST_PAYLOAD_BYTES + 1)

    rejected = refused(payload)

    assert rejected.payload == payload[:KEPT_BYTES]
    assert rejected.payload_bytes == len(payload)


@pytest.mark.parametrize("case", BAD_MESSAGES)
def test_the_detail_of_a_refusal_never_repeats_what_was_said(case: str) -> None:
    message, _ = BAD_MESSAGES[case]

    detail = refused(message).detail

    private = {str(value) for value in message.values() if len(str(value)) > 2} | {"mood"}
    assert not [said for said in private if said in detail]


@pytest.mark.parametrize(
    ("topic", "device_id", "is_own"),
    [
        ("iot/gateway/g1/g1:d1", "g1:d1", True),
        ("iot/gateway/g1/g2:d1", "g2:d1", False),
        ("iot/gateway/g1/d1", "d1", False),
        ("iot/gateway/g1/g1", "g1", False),
        ("iot/gateway//:d1", ":d1", False),
        ("ward/iot/gateway/g1/d1", "d1", True),
    ],
)
def test_a_gateway_speaks_for_devices_that_carry_its_name(topic: str, device_id: str, is_own: bool) -> None:
    payload = b'{"v":1,"device_id":"%s","measured_at":"2025-11-08T10:23:45Z","gcs":15}' % device_id.encode()

    outcome = translate(topic, payload, 1_762_597_427_000_000, {})

    assert isinstance(outcome, Reading) is is_own
    assert is_own or (isinstance(outcome, Rejected) and outcome.reason == "identity")
