"""Devices and messages that tests make."""

from collections.abc import Iterable
from random import Random

from iot_simulator.device import Device
from iot_simulator.episode import Planned
from iot_simulator.patient import Patient, Population
from iot_simulator.profiles import Part, Profile, parts
from iot_simulator.said import Route, Said
from iot_simulator.timeline import Timeline
from iot_simulator.wearer import Wearer

START_US = 1_762_597_425_123_456
SECOND_US = 1_000_000


def a_route(device_id: str = "device_1", connection: int = 0) -> Route:
    return Route(device_id, f"iot/device/{device_id}", connection)


def a_message(number: int = 0, route: Route | None = None) -> Said:
    at_us = START_US + number
    return Said(route or a_route(), f"{number}".encode(), at_us, at_us, {"heart_rate_bpm": 80.0})


def a_device(profile: Profile, planned: Iterable[Planned] = (), seed: int = 1) -> Device:
    body = Wearer(Random(seed)) if profile == "native" else Patient(Population(), Random(seed))
    return Device(a_route(), profile, body, Timeline(iter(planned)), Random(seed))


def talk(device: Device, profile: Profile, seconds: int, start_us: int = START_US) -> list[Said]:
    """Everything the device says in so many seconds, in the order it was measured."""
    times: list[tuple[int, Part]] = sorted(
        (
            (at_us, part)
            for part in parts(profile, 1.0)
            for at_us in range(0, seconds * SECOND_US, part.every_us)
        ),
        key=lambda due: due[0],
    )
    return [said for at_us, part in times for said in device.speak(part, at_us, start_us)]
