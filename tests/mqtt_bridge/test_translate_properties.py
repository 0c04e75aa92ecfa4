"""Whatever comes, translating ends in a reading or a refusal, and either can be carried."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from mqtt_bridge.formats import _Bedside, _NativeV1, _Packet
from mqtt_bridge.translate import translate
from wardstream.contracts import units, wire
from wardstream.contracts.device import Device
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import Rejected

RECEIVED_US = 1_762_597_427_000_000
DEVICES = {"dev-1": Device(device_id="dev-1", user_id="anna", zone="America/New_York")}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    sorted(set(_Bedside.__struct_fields__ + _Packet.__struct_fields__ + _NativeV1.__struct_fields__))
)
VALID = st.sampled_from(
    [
        {"deviceid": "dev-1", "timestamp": "2025-11-08 10:23:45.123456", "datatype": "SPO2", "value": 97},
        {"device_id": "dev-1", "timestamp": "2025-11-08 10:23:45", "blood_pressure": "120/80"},
        {"v": 1, "device_id": "dev-1", "measured_at": "2025-11-08T10:23:45Z", "boot": 1, "seq": 2, "gcs": 15},
    ]
)
INSTANTS = st.datetimes(timezones=st.none() | st.timezones()).map(lambda moment: moment.isoformat(" "))


def carried(payload: bytes, topic: str = "iot/device/dev-1") -> Reading | Rejected:
    outcome = translate(topic, payload, RECEIVED_US, DEVICES)
    # The strict reading of the contract is the judge: what is carried must be readable to everyone behind us.
    if isinstance(outcome, Reading):
        assert wire.reading(wire.encode(outcome)) == outcome
    else:
        assert wire.rejected(wire.encode(outcome)) == outcome
        assert outcome.payload_bytes == len(payload)
    return outcome


@given(st.binary())
def test_arbitrary_bytes_are_refused(payload: bytes) -> None:
    assert isinstance(carried(payload), Rejected)


@given(JSON, st.text())
def test_arbitrary_json_on_an_arbitrary_topic_never_raises(document: object, topic: str) -> None:
    carried(msgspec.json.encode(document), topic.encode(errors="replace").decode())


@given(st.dictionaries(FIELDS, JSON))
def test_known_fields_with_arbitrary_values_never_raise(document: dict[str, object]) -> None:
    carried(msgspec.json.encode(document | {"device_id": "dev-1"}))


@given(VALID, FIELDS, JSON | INSTANTS)
def test_a_valid_message_with_one_field_replaced_never_raises(
    message: dict[str, object], field: str, value: object
) -> None:
    carried(msgspec.json.encode(message | {field: value}))


@given(VALID, st.integers(0, 200), st.binary(max_size=4))
def test_a_valid_message_with_bytes_replaced_never_raises(
    message: dict[str, object], place: int, noise: bytes
) -> None:
    payload = msgspec.json.encode(message)

    carried(payload[:place] + noise + payload[place + len(noise) :])


@given(st.datetimes(timezones=st.none() | st.timezones()))
def test_any_instant_a_device_can_write_is_kept_exactly_or_refused(moment: datetime) -> None:
    message = {"deviceid": "dev-1", "timestamp": str(moment), "datatype": "HeartRate", "value": 70}

    outcome = carried(msgspec.json.encode(message))

    if isinstance(outcome, Rejected):
        assert outcome.reason == "timestamp"
    else:
        meant = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("America/New_York"))
        assert outcome.measured_at_us == units.epoch_us(meant)


@given(st.floats(0, 350), st.floats(60, 120))
def test_what_a_device_measured_comes_through_in_our_units(rate: float, fahrenheit: float) -> None:
    message = {"device_id": "dev-1", "timestamp": "2025-11-08 10:23:45"}

    outcome = carried(msgspec.json.encode(message | {"heart_rate": rate, "temperature": fahrenheit}))

    assert isinstance(outcome, Reading)
    assert outcome.heart_rate_bpm == rate
    assert outcome.temperature_c == units.celsius(fahrenheit)
