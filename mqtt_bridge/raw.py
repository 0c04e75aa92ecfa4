"""What AWS IoT Core's rule writes to `device-raw`, read back into what the device said.

The rule `SELECT *, topic() AS mqtt_topic, timestamp() AS received_at FROM 'iot/device/+'` (key `${topic(3)}`) adds two
fields to the device's JSON object; `topic()` is the MQTT topic and `timestamp()` the wall clock in milliseconds, both as the
rules engine saw them (AWS IoT Core Developer Guide, "SELECT clause" and "Functions"). Taking them out again gives a
message of the device's own, for the same translation as everywhere.
"""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from mqtt_bridge.translate import device_level, translate
from wardstream.contracts.device import Device
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import Rejected, refused
from wardstream.contracts.topics import MQTT_READINGS

# The year 9999, in milliseconds: beyond it there is no datetime.
_LATEST_MS = 253_402_300_799_999
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Raw(NamedTuple):
    """A record of `device-raw`. `appended_at_us` is Kafka's own timestamp of it."""

    key: bytes | None
    value: bytes
    appended_at_us: int


def outcome(raw: Raw, devices: Mapping[str, Device]) -> Reading | Rejected:
    """The reading that the record holds, or its refusal. Never raises; the same record gives the same outcome.

    A refusal keeps the device's message as the rule's JSON has it; of a record that isn't the rule's, the whole value.
    """
    device_id = (raw.key or b"").decode(errors="replace")
    topic = f"{MQTT_READINGS}/{device_id}"
    fields = _object(raw.value)
    if fields is None:
        # IoT Core may hand on what isn't JSON as it came. It is refused for the reason it would have by MQTT.
        return translate(topic, raw.value, raw.appended_at_us, devices)
    try:
        said_on, received_at_us = _added(fields, device_id)
    except Malformed as fault:
        return refused(
            fault, topic=topic, device_id=device_id, received_at_us=raw.appended_at_us, payload=raw.value
        )
    return translate(said_on, msgspec.json.encode(fields), received_at_us, devices)


def _object(value: bytes) -> dict[str, msgspec.Raw] | None:
    try:
        return _fields.decode(value)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


def _added(fields: dict[str, msgspec.Raw], device_id: str) -> tuple[str, int]:
    """Takes out what the rule added: the MQTT topic, which must be `device_id`'s, and when it came (microseconds)."""
    topic, at = fields.pop("mqtt_topic", None), fields.pop("received_at", None)
    if topic is None or at is None:
        raise Malformed("format", "mqtt_topic or received_at is missing: not written by the rule")
    said_on = _text(topic)
    if device_level(said_on) != device_id:
        raise Malformed("identity", "the key is not the topic's device: the rule's key must be ${topic(3)}")
    return said_on, _milliseconds(at) * 1000


def _text(field: msgspec.Raw) -> str:
    try:
        return msgspec.json.decode(field, type=str)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Malformed("format", "mqtt_topic: not a text") from error


def _milliseconds(field: msgspec.Raw) -> int:
    try:
        found = msgspec.json.decode(field, type=int)
    except msgspec.MsgspecError as error:
        raise Malformed("format", "received_at: not a whole number") from error
    if not 0 <= found <= _LATEST_MS:
        raise Malformed("range", "received_at: no such instant")
    return found
