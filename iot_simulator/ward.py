"""The devices of a run: their ids, connections, start phases and bodies, all from one seed."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from random import Random

import msgspec

from iot_simulator import episode, profiles
from iot_simulator.device import CLOCK_SKEW_S, COPIES, Device
from iot_simulator.patient import Patient, Population
from iot_simulator.profiles import Part, Profile, ProfileChoice
from iot_simulator.said import Route, Said
from iot_simulator.timeline import Timeline
from iot_simulator.wearer import Wearer
from wardstream.contracts.ledger import EpisodeKind

# Devices behind one gateway speak one after the other, as a gateway polls them: in a large run their messages share
# TCP segments, which halves the cost of a message.
_GATEWAY_STEP_US = 500


class Ward(msgspec.Struct, frozen=True, kw_only=True):
    """What devices there are."""

    devices: int
    connections: int
    seed: int
    profile: ProfileChoice = "bedside"
    interval_s: float | None = None
    prefix: str = "device_"
    population: Population = Population()
    kinds: tuple[EpisodeKind, ...] = episode.KINDS
    episodes_per_hour: float = 0.0
    episode_s: float | None = None
    clock_skew_s: float = CLOCK_SKEW_S
    copies: int = COPIES


class DevicePart:
    """The voice of one kind of message of one device."""

    def __init__(self, device: Device, part: Part) -> None:
        self.device = device
        self._part = part

    def speak(self, since_start_us: int, start_us: int) -> tuple[Sequence[Said], int | None]:
        """What the device says now; the next is due a period later, whatever happened."""
        said = self.device.speak(self._part, since_start_us, start_us)
        return said, since_start_us + self._part.every_us


def ids(prefix: str, devices: int) -> tuple[str, ...]:
    """The device ids, `device_0` first."""
    return tuple(f"{prefix}{number}" for number in range(devices))


def routes(device_ids: Sequence[str], topic_root: str, connections: int) -> tuple[Route, ...]:
    """Every device's topic and connection; neighbours share a gateway."""
    return tuple(
        Route(name, f"{topic_root}/{name}", number * connections // len(device_ids))
        for number, name in enumerate(device_ids)
    )


def device(ward: Ward, route: Route, profile: Profile) -> Device:
    """One device. All it draws comes from (seed, device id): others don't change it."""
    own = Random(f"{ward.seed}/{route.device_id}")  # noqa: S311 -- no secret: a simulation that must repeat
    body = Wearer(own) if profile == "native" else Patient(ward.population, own)
    trouble = own
    if ward.episodes_per_hour > 0:
        # Apart from the body's: the same person with and without episodes.
        trouble = Random(f"{ward.seed}/{route.device_id}/episodes")  # noqa: S311 -- see above
    possible = episode.possible(profile, ward.kinds)
    planned = episode.plan(trouble, possible, ward.episodes_per_hour, ward.episode_s)
    return Device(
        route,
        profile,
        body,
        Timeline(planned),
        trouble,
        clock_skew_s=ward.clock_skew_s,
        copies=ward.copies,
    )


def voices(ward: Ward, their_routes: Sequence[Route]) -> Iterator[tuple[int, DevicePart]]:
    """(first due, microseconds since the start; voice) for every kind of message of every device.

    `their_routes` are those of the ward's devices. Phases are spread over the period.
    """
    places: dict[int, int] = {}
    for number, route in enumerate(their_routes):
        place = places[route.connection] = places.get(route.connection, -1) + 1
        profile = profiles.profile_of(ward.profile, number)
        spoken_by = device(ward, route, profile)
        for part, first_us in _first_times(ward, route, profile, place):
            yield first_us, DevicePart(spoken_by, part)


def _first_times(ward: Ward, route: Route, profile: Profile, place: int) -> Iterator[tuple[Part, int]]:
    spoken = profiles.parts(profile, ward.interval_s)
    shortest_us = min(part.every_us for part in spoken)
    phase_us = round(_phase(ward, route.connection, place, shortest_us)) % shortest_us
    for part in spoken:
        beats = part.every_us // shortest_us
        first_beat = int(_drawn(f"{ward.seed}/{route.device_id}/{part.every_us}") * beats)
        yield part, phase_us + first_beat * shortest_us


def _phase(ward: Ward, connection: int, place: int, period_us: int) -> float:
    # Each connection starts at a random place within its own share of the period: no two rushes.
    within = _drawn(f"{ward.seed}/{ward.prefix}/{connection}")
    begins = (connection + within) * period_us / ward.connections
    return begins + place * max(_GATEWAY_STEP_US, period_us / ward.devices)


def _drawn(name: str) -> float:
    """A number from 0 up to 1 that a name always draws: a Random for one number would cost thirty times as much."""
    return int.from_bytes(blake2b(name.encode(), digest_size=6).digest()) / 2**48
