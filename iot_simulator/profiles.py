"""What kinds of devices there are: which vitals each of their messages holds, and how often it comes."""

from typing import Literal

import msgspec

_SECOND_US = 1_000_000
Profile = Literal["bedside", "packet", "native"]
ProfileChoice = Literal["bedside", "packet", "native", "mix"]
_MIX: tuple[Profile, ...] = ("bedside", "packet", "native")


class Part(msgspec.Struct, frozen=True):
    """One kind of message of a device: these vitals, every so often."""

    vitals: tuple[str, ...]
    every_us: int


BEDSIDE = (
    Part(("heart_rate_bpm",), 1 * _SECOND_US),
    Part(("spo2_pct",), 10 * _SECOND_US),
    Part(("temperature_c",), 15 * _SECOND_US),
)
_PACKET_VITALS = ("heart_rate_bpm", "systolic_mmhg", "diastolic_mmhg", "temperature_c")
_USUAL_INTERVAL_S: dict[Profile, float] = {"packet": 5.0, "native": 15.0}


def parts(profile: Profile, interval_s: float | None) -> tuple[Part, ...]:
    """A profile's messages. `interval_s` replaces the usual interval of `packet` (5 s) and `native` (15 s)."""
    if profile == "bedside":
        return BEDSIDE
    every_us = round((interval_s or _USUAL_INTERVAL_S[profile]) * _SECOND_US)
    return (Part(_PACKET_VITALS if profile == "packet" else (), every_us),)


def profile_of(choice: ProfileChoice, number: int) -> Profile:
    """The profile of device `number`; a mix takes them in turn."""
    return _MIX[number % len(_MIX)] if choice == "mix" else choice


def rate_per_s(of_one_device: tuple[Part, ...]) -> float:
    """Messages a second of one device."""
    return sum(_SECOND_US / part.every_us for part in of_one_device)
