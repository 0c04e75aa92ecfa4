"""The three forms in which devices speak, each read into one: what was said, in the units Wardstream keeps."""

import re
from typing import Literal, NamedTuple

import msgspec

from wardstream.contracts import units
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.rejected import LARGEST_PAYLOAD_BYTES

# A packet device doesn't tell its unit: no living body has 45 degrees C, and none 45 degrees F.
_HOTTEST_CELSIUS = 45.0
_PRESSURE = re.compile(r"(-?[0-9]{1,4}(?:\.[0-9]{1,2})?)/(-?[0-9]{1,4}(?:\.[0-9]{1,2})?)")
# What msgspec says where it refuses a value; only a field's place is taken from it, never what stood there.
_PLACE = re.compile(r"(?:`\$\.|required field `)([a-z_0-9]+)`")


class Said(NamedTuple):
    """One message, understood. `at` is the device's own text for the instant; `values` are normalised, by field name."""

    device_id: str
    at: str
    values: dict[str, float]
    boot: int | None = None
    sequence: int | None = None
    gcs: int | None = None
    on_body: bool | None = None


class _Bedside(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    deviceid: str
    timestamp: str
    datatype: Literal["HeartRate", "SPO2", "Temperature"]
    value: float


class _Packet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    device_id: str
    timestamp: str
    heart_rate: float | None = None
    blood_pressure: str | None = None
    temperature: float | None = None


class _NativeV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    v: Literal[1]
    device_id: str
    measured_at: str
    boot: int | None = None
    seq: int | None = None
    heart_rate_bpm: float | None = None
    spo2_pct: float | None = None
    temperature_c: float | None = None
    systolic_mmhg: float | None = None
    diastolic_mmhg: float | None = None
    respiratory_rate_bpm: float | None = None
    steps_per_min: float | None = None
    battery_pct: float | None = None
    on_body: bool | None = None
    gcs: int | None = None


_NUMBERS = (
    "heart_rate_bpm",
    "spo2_pct",
    "temperature_c",
    "systolic_mmhg",
    "diastolic_mmhg",
    "respiratory_rate_bpm",
    "steps_per_min",
    "battery_pct",
)
_FIELDS = frozenset(_Bedside.__struct_fields__ + _Packet.__struct_fields__ + _NativeV1.__struct_fields__)
_NATIVE_BEGINS, _BEDSIDE_KEY = b'{"v":1,', b"deviceid"
_keys = msgspec.json.Decoder(dict[str, msgspec.Raw])
_bedside = msgspec.json.Decoder(_Bedside)
_packet = msgspec.json.Decoder(_Packet)
_native_v1 = msgspec.json.Decoder(_NativeV1)


def said(payload: bytes) -> Said:
    """What `payload` says, or `Malformed` (oversize, encoding, json, format, version, range). Values aren't judged yet."""
    if len(payload) > LARGEST_PAYLOAD_BYTES:
        raise Malformed("oversize", f"more than {LARGEST_PAYLOAD_BYTES} bytes")
    try:
        if not payload.isascii():
            payload.decode()
        return _understood(payload)
    except UnicodeDecodeError as error:
        raise Malformed("encoding", "not UTF-8") from error
    except msgspec.ValidationError as error:
        raise _misfit(error) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed("json", "not a JSON document") from error


def _understood(payload: bytes) -> Said:
    if payload.startswith(_NATIVE_BEGINS) and _BEDSIDE_KEY not in payload:
        # Most are these: their keys need no look of their own.
        return _of_native(_native_v1.decode(payload))
    try:
        keys = _keys.decode(payload)
    except msgspec.ValidationError as error:
        raise Malformed("json", "not a JSON object") from error
    if "deviceid" in keys:
        return _of_bedside(_bedside.decode(payload))
    if "v" in keys:
        if bytes(keys["v"]).isdigit() and bytes(keys["v"]) != b"1":
            raise Malformed("version", "v: this build knows 1")
        return _of_native(_native_v1.decode(payload))
    return _of_packet(_packet.decode(payload))


def _misfit(error: msgspec.ValidationError) -> Malformed:
    """Names the field at fault if it is one of ours: an unknown field's name may itself be private."""
    text = str(error)
    place = _PLACE.search(text)
    field = place[1] if place and place[1] in _FIELDS else "the message"
    if "out of range" in text:
        return Malformed("range", f"{field}: a number too large to keep")
    if "unknown field" in text:
        return Malformed("format", "a field that the format doesn't have")
    return Malformed("format", f"{field}: missing, or of the wrong type")


def _of_bedside(message: _Bedside) -> Said:
    if message.datatype == "HeartRate":
        values = {"heart_rate_bpm": message.value}
    elif message.datatype == "SPO2":
        values = {"spo2_pct": message.value}
    else:
        values = {"temperature_c": units.celsius(message.value)}
    return Said(message.deviceid, message.timestamp, values)


def _of_packet(message: _Packet) -> Said:
    values = {}
    if message.heart_rate is not None:
        values["heart_rate_bpm"] = message.heart_rate
    if message.blood_pressure is not None:
        values["systolic_mmhg"], values["diastolic_mmhg"] = _pressure(message.blood_pressure)
    if (temperature := message.temperature) is not None:
        hot = temperature > _HOTTEST_CELSIUS
        values["temperature_c"] = units.celsius(temperature) if hot else temperature
    return Said(message.device_id, message.timestamp, values)


def _pressure(text: str) -> tuple[float, float]:
    found = _PRESSURE.fullmatch(text)
    if found is None:
        raise Malformed("format", "blood_pressure: not systolic/diastolic")
    return float(found[1]), float(found[2])


def _of_native(message: _NativeV1) -> Said:
    values = {name: value for name in _NUMBERS if (value := getattr(message, name)) is not None}
    return Said(
        device_id=message.device_id,
        at=message.measured_at,
        values=values,
        boot=message.boot,
        sequence=message.seq,
        gcs=message.gcs,
        on_body=message.on_body,
    )
