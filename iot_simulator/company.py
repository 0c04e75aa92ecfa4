"""Everyone who speaks in a run of many devices: the simulated, the recorded, and the connections they share."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from iot_simulator import ward
from iot_simulator.device import Device
from iot_simulator.options import FleetOptions, SingleOptions
from iot_simulator.patient import Population, Spread, fahrenheit_spread
from iot_simulator.recording import Recording
from iot_simulator.replay import Replay
from iot_simulator.said import Route
from iot_simulator.schedule import Voice
from iot_simulator.ward import Ward
from wardstream.contracts.topics import MQTT_GATEWAY

# One MQTT connection a device up to here; beyond, devices share gateways.
MOST_CONNECTIONS = 1000


class Company(NamedTuple):
    """Voices with the instant they first speak (microseconds since the start), and the MQTT client ids they go by.

    `devices` are the simulated ones, whose episodes are the truth file; `size` counts the recorded ones too.
    """

    voices: Sequence[tuple[int, Voice]]
    devices: Sequence[Device]
    client_ids: Sequence[str]
    size: int
    routes: Sequence[Route]


def of_fleet(options: FleetOptions) -> Company:
    """The company that the options ask for. `recording.Unusable` when the recording is none."""
    recording = Recording(options.replay) if options.replay else None
    recorded = recording.devices[: options.replay_people] if recording else ()
    simulated = ward.ids(options.device_prefix, options.simulated)
    names = simulated + recorded
    connections = min(len(names), options.connections or MOST_CONNECTIONS)
    routes = ward.routes(names, options.topic_root, connections)
    if options.certs is not None:
        routes = _behind_gateways(routes, connections, options.device_prefix)
    parts = list(ward.voices(ward_of(options, len(simulated), connections), routes[: len(simulated)]))
    voices: list[tuple[int, Voice]] = list(parts)
    if recording is not None:
        voices += _replays(recording, routes[len(simulated) :], options)
    devices = tuple({id(part.device): part.device for _first, part in parts}.values())
    return Company(
        voices, devices, _client_ids(routes, connections, options.device_prefix), len(names), routes
    )


def ward_of(options: FleetOptions | SingleOptions, devices: int, connections: int) -> Ward:
    """The simulated devices that the options describe; a single one has no episodes."""
    told = Ward(
        devices=devices,
        connections=connections,
        seed=options.seed,
        profile=options.profile,
        interval_s=options.interval,
        population=_population(options),
    )
    if isinstance(options, SingleOptions):
        return told
    return msgspec.structs.replace(
        told,
        prefix=options.device_prefix,
        kinds=options.episodes_kinds,
        episodes_per_hour=options.episodes,
        episode_s=options.episode_seconds,
        clock_skew_s=options.clock_skew,
        copies=options.copies,
    )


def _population(options: FleetOptions | SingleOptions) -> Population:
    return Population(
        heart_rate_bpm=Spread(options.heart_rate_mean, options.heart_rate_spread),
        spo2_pct=Spread(options.spo2_mean, options.spo2_spread),
        temperature_c=fahrenheit_spread(options.temperature_mean, options.temperature_spread),
    )


def _replays(
    recording: Recording, routes: Sequence[Route], options: FleetOptions
) -> list[tuple[int, Replay]]:
    first = recording.first({route.device_id for route in routes})
    return [
        (
            0,
            Replay(
                route,
                recording.rows(route.device_id, first[route.device_id]),
                speed=options.speed,
                restamp=options.replay_restamp,
            ),
        )
        for route in routes
    ]


def _behind_gateways(routes: Sequence[Route], connections: int, prefix: str) -> tuple[Route, ...]:
    """Where devices share a connection, and so a certificate, each carries the name of its gateway and speaks on its topics."""
    speakers = _client_ids(routes, connections, prefix)
    return tuple(_behind(route, speakers[route.connection]) for route in routes)


def _behind(route: Route, speaker: str) -> Route:
    if speaker == route.device_id:
        return route
    name = f"{speaker}:{route.device_id}"
    return Route(name, f"{MQTT_GATEWAY}/{speaker}/{name}", route.connection)


def _client_ids(routes: Sequence[Route], connections: int, prefix: str) -> list[str]:
    """A device's own id where it has a connection to itself."""
    sharing: list[list[str]] = [[] for _ in range(connections)]
    for route in routes:
        sharing[route.connection].append(route.device_id)
    return [
        names[0] if len(names) == 1 else f"{prefix}gateway_{number}" for number, names in enumerate(sharing)
    ]
