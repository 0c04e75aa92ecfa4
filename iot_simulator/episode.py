"""Episodes: what goes wrong with a person or a device, from when to when, and how it bends the vitals."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import get_args

import msgspec

from iot_simulator.profiles import Profile
from wardstream.contracts.ledger import EpisodeKind

_SECOND_US = 1_000_000
KINDS: tuple[EpisodeKind, ...] = get_args(EpisodeKind)
# Shortest and longest, seconds: fevers last hours, a loose finger clip minutes.
_LENGTH_S: dict[EpisodeKind, tuple[float, float]] = {
    "fever": (1800.0, 14400.0),
    "desaturation": (60.0, 600.0),
    "tachycardia": (300.0, 1800.0),
    "sensor_off": (60.0, 900.0),
    "drift": (3600.0, 21600.0),
    "dropout": (30.0, 600.0),
    "duplicates": (30.0, 300.0),
    "late": (60.0, 600.0),
    "out_of_order": (60.0, 600.0),
    "clock_skew": (300.0, 3600.0),
    "garbage": (5.0, 30.0),
}
_VITAL: dict[EpisodeKind, str] = {
    "fever": "temperature_c",
    "desaturation": "spo2_pct",
    "tachycardia": "heart_rate_bpm",
    "drift": "heart_rate_bpm",
}
# A body takes a fifth of the episode to get there and a fifth to come back.
_RAMP = 0.2


class Planned(msgspec.Struct, frozen=True):
    """One episode of one device, microseconds since the run's start. `severity` is 0 (mild) to 1."""

    kind: EpisodeKind
    start_us: int
    end_us: int
    severity: float

    @property
    def is_bodily(self) -> bool:
        """Whether it is the body's, not the device's or the network's."""
        return self.kind in _VITAL

    @property
    def vital(self) -> str:
        """The vital it shows in, if it is one of the body; else empty."""
        return _VITAL.get(self.kind, "")


def possible(profile: Profile, kinds: Sequence[EpisodeKind]) -> tuple[EpisodeKind, ...]:
    """Those of `kinds` that a device of this profile can show: a packet has no SpO2."""
    return tuple(kind for kind in kinds if not (profile == "packet" and kind == "desaturation"))


def plan(
    rng: Random, kinds: Sequence[EpisodeKind], per_hour: float, length_s: float | None
) -> Iterator[Planned]:
    """Episodes without end, in order and never two at once: on average `per_hour` begin in an hour of being well.

    `length_s` makes all equally long; None: as long as the kind usually lasts.
    """
    at_us = 0
    while kinds and per_hour > 0:
        at_us += round(rng.expovariate(per_hour / 3600.0) * _SECOND_US)
        kind = rng.choice(kinds)
        lasts_s = length_s or rng.uniform(*_LENGTH_S[kind])
        end_us = at_us + round(lasts_s * _SECOND_US)
        yield Planned(kind, at_us, end_us, rng.random())
        at_us = end_us


def depth(episode: Planned, at_us: int) -> float:
    """How far into its full effect an episode is, 0 to 1: it rises, holds and falls. A drift only rises."""
    done = (at_us - episode.start_us) / (episode.end_us - episode.start_us)
    if episode.kind == "drift":
        return done
    return min(1.0, done / _RAMP, (1.0 - done) / _RAMP)


def bend(episode: Planned, vitals: dict[str, float], at_us: int) -> dict[str, float]:
    """The vitals as the episode makes them; unchanged by an episode that isn't the body's."""
    far = depth(episode, at_us)
    hard = 1.0 + episode.severity
    bent = dict(vitals)
    for vital, shift in _shifts(episode.kind).items():
        if vital in bent:
            bent[vital] += shift * hard * far
    if episode.kind == "tachycardia" and "steps_per_min" in bent:
        # The point of it: a fast heart at rest.
        bent["steps_per_min"] = 0.0
    return bent


def _shifts(kind: EpisodeKind) -> dict[str, float]:
    """The mildest full effect."""
    match kind:
        case "fever":
            # About 8 beats a minute for each °C (Karjalainen & Viitasalo 1986).
            return {"temperature_c": 1.8, "heart_rate_bpm": 15.0, "respiratory_rate_bpm": 3.0}
        case "desaturation":
            return {"spo2_pct": -10.0, "heart_rate_bpm": 8.0, "respiratory_rate_bpm": 4.0}
        case "tachycardia":
            return {"heart_rate_bpm": 45.0}
        case "drift":
            return {"heart_rate_bpm": 8.0}
        case _:
            return {}
