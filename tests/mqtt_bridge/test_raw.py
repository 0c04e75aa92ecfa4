"""What IoT Core's rule writes is read back into what the device said; the rest is refused as by MQTT."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt_bridge.raw import Raw, outcome
from mqtt_bridge.translate import translate
from tests.mqtt_bridge.said import RECEIVED_AT_US, SAID, Said
from tests.mqtt_bridge.ward import native
from wardstream.contracts.device import Device
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import LARGEST_PAYLOAD_BYTES, Rejected

APPENDED_US = RECEIVED_AT_US + 40_000
TOPIC = "iot/device/dev-1"


def written(payload: bytes, topic: str = TOPIC, at_ms: int = RECEIVED_AT_US // 1000) -> bytes:
    """As the rule writes a JSON object that a device said."""
    fields = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    added = {"mqtt_topic": topic, "received_at": at_ms}
    return msgspec.json.encode(
        fields | {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in added.items()}
    )


def came(value: bytes, key: bytes | None = b"dev-1") -> Reading | Rejected:
    return outcome(Raw(key, value, APPENDED_US), {})


def refused(value: bytes, key: bytes | None = b"dev-1") -> Rejected:
    found = came(value, key)
    assert isinstance(found, Rejected), found
    return found


@pytest.mark.parametrize("said", SAID, ids=[said.file for said in SAID])
def test_the_golden_record_is_the_devices_object_with_two_fields_added(said: Said) -> None:
    added = {"mqtt_topic": f"iot/device/{said.device_id}", "received_at": RECEIVED_AT_US // 1000}

    golden = msgspec.json.decode(said.written)

    assert golden == msgspec.json.decode(said.payload) | added


@pytest.mark.parametrize("said", SAID, ids=[said.file for said in SAID])
def test_what_the_rule_writes_is_the_reading_that_mqtt_would_have_brought(said: Said) -> None:
    devices = {said.device_id: Device(device_id=said.device_id, user_id="anna", zone="Asia/Kolkata")}

    by_mqtt = translate(f"iot/device/{said.device_id}", said.payload, RECEIVED_AT_US, devices)
    by_rule = outcome(Raw(said.device_id.encode(), said.written, APPENDED_US), devices)

    assert isinstance(by_rule, Reading)
    assert by_rule == by_mqtt


@pytest.mark.parametrize(
    "payload",
    [
        native("dev-2", 1),
        native("dev-1", 1).replace(b":61", b":400"),
        native("dev-1", 1).replace(b":61", b':"61"'),
        native("dev-1", 1).replace(b'"v":1', b'"v":9'),
        native("dev-1", 1).replace(b"2025", b"1970"),
        native("dev-1", 1).replace(b"heart_rate_bpm", b"mood"),
    ],
)
def test_a_bad_object_is_refused_as_by_mqtt(payload: bytes) -> None:
    by_mqtt = translate(TOPIC, payload, RECEIVED_AT_US, {})

    assert isinstance(by_mqtt, Rejected)
    assert refused(written(payload)) == by_mqtt


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "json"),
        (b"\x00garbage", "json"),
        (b"[1,2]", "json"),
        (b'{"a":' + b"[" * 50_000, "json"),
        (native("dev-1", 1).replace(b"heart", b"\xff\xfe"), "encoding"),
        (b" " * (LARGEST_PAYLOAD_BYTES + 1), "oversize"),
    ],
)
def test_what_is_no_object_is_refused_for_the_reason_it_has_by_mqtt(value: bytes, reason: str) -> None:
    found = refused(value)

    assert found.reason == reason
    assert found == translate(TOPIC, value, APPENDED_US, {})


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (native("dev-1", 1), "format"),
        (written(native("dev-1", 1)).replace(b'"iot/device/dev-1"', b"17"), "format"),
        (written(native("dev-1", 1)).replace(b"1762597425200", b"1762597425200.5"), "format"),
        (written(native("dev-1", 1)).replace(b"1762597425200", b"true"), "format"),
        (written(native("dev-1", 1), at_ms=-1), "range"),
        (written(native("dev-1", 1), at_ms=10**17), "range"),
    ],
)
def test_a_record_that_the_rule_did_not_write_is_kept_whole(value: bytes, reason: str) -> None:
    found = refused(value)

    assert (found.reason, found.payload, found.received_at_us) == (reason, value, APPENDED_US)
    assert (found.topic, found.device_id) == (TOPIC, "dev-1")


@pytest.mark.parametrize("key", [None, b"", b"dev-2", b"\xff"])
def test_a_device_that_writes_another_topic_into_its_message_is_not_believed(key: bytes | None) -> None:
    found = refused(written(native("dev-1", 1)), key)

    assert found.reason == "identity"


def test_the_rules_fields_may_come_in_any_order_and_with_blanks() -> None:
    plain = msgspec.json.decode(written(native("dev-1", 1)))
    shuffled = dict(reversed(plain.items()))

    found = came(msgspec.json.format(msgspec.json.encode(shuffled), indent=2))

    assert found == translate(TOPIC, native("dev-1", 1), RECEIVED_AT_US, {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    st.none() | st.binary(max_size=20),
    st.binary(max_size=60)
    | st.dictionaries(st.sampled_from(["mqtt_topic", "received_at", "v"]) | st.text(), JSON).map(
        msgspec.json.encode
    ),
)
def test_whatever_is_in_the_topic_has_an_outcome_and_always_the_same(key: bytes | None, value: bytes) -> None:
    assert came(value, key) == came(value, key)
