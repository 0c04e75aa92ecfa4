"""What devices put on the wire: the bedside, packet and native formats, byte for byte."""

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from wardstream.contracts import units

Numbers = Mapping[str, float]
_SECOND_US = 1_000_000
_encoder = msgspec.json.Encoder()

# The bedside format's name of each vital.
DATATYPES = {"heart_rate_bpm": "HeartRate", "spo2_pct": "SPO2", "temperature_c": "Temperature"}


@lru_cache(maxsize=4096)
def _second(epoch_s: int) -> str:
    return units.utc(epoch_s * _SECOND_US).strftime("%Y-%m-%d %H:%M:%S")


def stamp(at_us: int) -> str:
    """`2025-11-08 10:23:45.123456`, UTC."""
    return f"{_second(at_us // _SECOND_US)}.{at_us % _SECOND_US:06d}"


def iso(at_us: int) -> str:
    """`2025-11-08T10:23:45.123456Z`."""
    return stamp(at_us).replace(" ", "T") + "Z"


def bedside(device_id: str, at_us: int, vital: str, value: float) -> tuple[bytes, dict[str, float]]:
    """(payload, values as they will be normalised) of one bedside message. `temperature_c` goes out as °F."""
    if vital == "temperature_c":
        shown: float = units.fahrenheit(value)
        values = {vital: units.celsius(shown)}
    else:
        shown = round(value)
        values = {vital: shown}
    text = (
        f'{{"deviceid":"{device_id}","timestamp":"{stamp(at_us)}",'
        f'"datatype":"{DATATYPES[vital]}","value":{shown}}}'
    )
    return text.encode(), values


def packet(device_id: str, at_us: int, vitals: Numbers) -> tuple[bytes, dict[str, float]]:
    """(payload, normalised values) of one packet: heart rate, blood pressure `systolic/diastolic`, temperature in °F."""
    shown = units.fahrenheit(vitals["temperature_c"])
    heart_rate, systolic, diastolic = (
        round(vitals[vital]) for vital in ("heart_rate_bpm", "systolic_mmhg", "diastolic_mmhg")
    )
    text = (
        f'{{"device_id":"{device_id}","timestamp":"{stamp(at_us)}","heart_rate":{heart_rate},'
        f'"blood_pressure":"{systolic}/{diastolic}","temperature":{shown}}}'
    )
    return text.encode(), {
        "heart_rate_bpm": heart_rate,
        "systolic_mmhg": systolic,
        "diastolic_mmhg": diastolic,
        "temperature_c": units.celsius(shown),
    }


# Digits after the point that a wearable reports; gcs and on_body are no decimals at all.
_DECIMALS = {"temperature_c": 2, "spo2_pct": 1, "battery_pct": 1}
# A yes-or-no and a score of whole points.
_WHOLE = {"gcs": int, "on_body": bool}


def native(
    device_id: str, at_us: int, boot: int, sequence: int, vitals: Numbers
) -> tuple[bytes, dict[str, float]]:
    """(payload, values) of one native message, version 1. Vitals not in `vitals` are left out."""
    rounded = {vital: round(float(value), _DECIMALS.get(vital, 1)) for vital, value in vitals.items()}
    sent = {vital: _WHOLE.get(vital, float)(value) for vital, value in rounded.items()}
    head = {"v": 1, "device_id": device_id, "boot": boot, "seq": sequence, "measured_at": iso(at_us)}
    return _encoder.encode(head | sent), rounded
