"""Garbage: every kind of bad message a device can send, no two of them alike, none of them acceptable."""

from typing import Literal, get_args

from iot_simulator import encode

_SECOND_US = 1_000_000
_DAY_US = 86_400 * _SECOND_US

GarbageKind = Literal[
    "not_utf8",
    "truncated",
    "wrong_type",
    "not_a_number",
    "infinity",
    "heart_rate_below_zero",
    "spo2_of_400",
    "of_1970",
    "three_days_ahead",
    "speaks_for_another",
    "unknown_field",
]
GARBAGE_KINDS: tuple[GarbageKind, ...] = get_args(GarbageKind)


def garbage(kind: GarbageKind, device_id: str, count: int, at_us: int) -> bytes:
    """The `count`th bad message of a device at an instant: to be rejected by whoever keeps the contracts.

    Device and count are in the bytes, so that two never have the same digest.
    """
    if kind == "not_utf8":
        return b"\xff\xfe\xc3(" + f"{device_id}:{count}".encode()
    if kind == "truncated":
        return _bedside(device_id, at_us, "HeartRate", f'80,"n":{count}')[:-1]
    # A microsecond a message: the stamps alone make two of a kind differ.
    now_us = at_us + count
    who, stamp_us, datatype, value = {
        "wrong_type": (device_id, now_us, "HeartRate", '"eighty"'),
        "not_a_number": (device_id, now_us, "HeartRate", "NaN"),
        "infinity": (device_id, now_us, "SPO2", "Infinity"),
        "heart_rate_below_zero": (device_id, now_us, "HeartRate", "-5"),
        "spo2_of_400": (device_id, now_us, "SPO2", "400"),
        "of_1970": (device_id, count, "HeartRate", "80"),
        "three_days_ahead": (device_id, now_us + 3 * _DAY_US, "HeartRate", "80"),
        "speaks_for_another": (f"{device_id}_not", now_us, "HeartRate", "80"),
        "unknown_field": (device_id, now_us, "HeartRate", f'80,"firmware":{count}'),
    }[kind]
    return _bedside(who, stamp_us, datatype, value)


def _bedside(device_id: str, at_us: int, datatype: str, value: str) -> bytes:
    text = (
        f'{{"deviceid":"{device_id}","timestamp":"{encode.stamp(at_us)}",'
        f'"datatype":"{datatype}","value":{value}}}'
    )
    return text.encode()
