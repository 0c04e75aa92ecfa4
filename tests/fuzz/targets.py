"""What is fuzzed, what must hold of every answer, and how an answer is told from others of its kind."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from mqtt_bridge.raw import Raw, outcome
from mqtt_bridge.translate import translate
from tests.contracts.test_golden import GOLDEN
from wardstream.contracts import wire
from wardstream.contracts.device import Device
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import Rejected

RECEIVED_US = 1_762_597_427_000_000
DEVICES = {
    "device-1": Device(device_id="device-1", user_id="anna", zone="America/New_York"),
    "device-2": Device(device_id="device-2", user_id="berta", zone="Australia/Lord_Howe"),
}
TOPICS = (
    "iot/device/device-1", "iot/device/device-2", "iot/device/x", "iot/device/", "", "iot/device/a/b",
    "iot/gateway/gateway-1/gateway-1:device-1", "iot/gateway/gateway-1/gateway-2:d", "iot/gateway/", "iot/gateway//:",
)  # fmt: skip
_DEVICE_ID = re.compile(rb'"device_?id":"([^"]*)"')
_DEVICE_SEEDS = (
    b'{"deviceid":"device-1","timestamp":"2025-11-08 10:23:45.123456","datatype":"HeartRate","value":72}',
    b'{"deviceid":"device-2","timestamp":"2025-11-08 10:23:45","datatype":"Temperature","value":98.6}',
    b'{"device_id":"device-1","timestamp":"2025-11-08T10:23:45Z","heart_rate":72,"blood_pressure":"120/80","temperature":98.4}',
    b'{"v":1,"device_id":"device-1","boot":3,"seq":41,"measured_at":"2025-11-08T10:23:45.123456Z","heart_rate_bpm":72,"spo2_pct":97,"gcs":15,"on_body":true}',
    b'{"v":1,"device_id":"gateway-1:device-1","measured_at":"2025-11-08T10:23:45+02:00","steps_per_min":3,"battery_pct":80}',
)
_RAW_SEED = _DEVICE_SEEDS[3][:-1] + b',"mqtt_topic":"iot/device/device-1","received_at":1762597427000}'


def _translated(data: bytes) -> object:
    # The topic is drawn from the bytes, so that an input alone repeats what it did. Mostly it is the device's own, for else
    # little would get past the question whose it is.
    drawn = sum(data) % (4 * len(TOPICS))
    found = _DEVICE_ID.search(data)
    if drawn >= len(TOPICS) and found is not None:
        topic = f"iot/device/{found[1].decode(errors='replace')}"
    else:
        topic = TOPICS[drawn % len(TOPICS)]
    return _carried(translate(topic, data, RECEIVED_US, DEVICES))


def _raw(data: bytes) -> object:
    return _carried(outcome(Raw(b"device-1", data, RECEIVED_US), DEVICES))


def _carried(said: Reading | Rejected) -> object:
    if isinstance(said, Reading):
        assert wire.reading(wire.encode(said)) == said
        return said
    assert wire.rejected(wire.encode(said)) == said
    return Malformed(said.reason, said.detail)


def _read(read: Callable[[bytes], Any]) -> Callable[[bytes], object]:
    def again(data: bytes) -> object:
        found = read(data)
        assert read(wire.encode(found)) == found
        return found

    return again


# Name: what takes bytes, and returns what they mean or raises or returns `Malformed`.
TARGETS: Mapping[str, Callable[[bytes], object]] = {
    "translate": _translated,
    "raw": _raw,
    "reading": _read(wire.reading),
    "anomaly": _read(wire.anomaly),
    "alarm": _read(wire.alarm),
    "user_model": _read(wire.user_model),
    "device": _read(wire.device),
    "rejected": _read(wire.rejected),
    "alarm_action": _read(wire.alarm_action),
}


def seeds(target: str) -> list[bytes]:
    """Where a target's inputs begin: what is right."""
    if target == "translate":
        return list(_DEVICE_SEEDS)
    if target == "raw":
        return [_RAW_SEED]
    return [file.read_bytes() for file in sorted(GOLDEN.glob("*.json"))]


def kind(answer: object) -> str:
    """Answers alike but for numbers and names are of one kind."""
    if not isinstance(answer, Malformed):
        return type(answer).__name__
    if answer.reason not in ("format", "version"):
        return str(answer)
    # msgspec's sentences: what stood there and where differs without end.
    return re.sub(r"`[^`]*`|'[^']*'|[0-9]+", "…", str(answer))[:60]


def answered(target: str, data: bytes) -> str:
    """The kind of the target's answer. Whatever it raises but `Malformed` comes through."""
    try:
        return kind(TARGETS[target](data))
    except Malformed as refused:
        return kind(refused)
