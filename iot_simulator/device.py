"""A device: what it says at an instant, and what an episode makes of it. Pure: time comes in, messages go out."""

from collections.abc import Sequence
from random import Random
from typing import Protocol

import msgspec

from iot_simulator import encode
from iot_simulator.episode import Planned, bend
from iot_simulator.garbage import GARBAGE_KINDS, garbage
from iot_simulator.profiles import Part, Profile
from iot_simulator.said import Route, Said
from iot_simulator.timeline import Timeline
from wardstream.contracts.vitals import ACCEPTED

_SECOND_US = 1_000_000
# How wrong a clock is at most in an episode, and how often a duplicated message is said in all, where nothing else is asked for.
CLOCK_SKEW_S = 30 * 60.0
COPIES = 2
# What a finger clip reads of room light once it is off the finger: over any saturation, within what is accepted.
_OPEN_CLIP_PCT = (105.0, 108.0)


class Body(Protocol):
    """Whose vitals are measured. Times never go back."""

    def measure(self, vitals: tuple[str, ...], since_start_us: int) -> dict[str, float]:
        """The vitals, unrounded, in Reading's units."""
        ...


class Device:
    """One device. Asked with times that never go back, the same seed says the same, whenever the run begins.

    The run's start (wall time) becomes the native format's `boot`: a later run's sequence numbers are others.
    """

    def __init__(
        self,
        route: Route,
        profile: Profile,
        body: Body,
        timeline: Timeline,
        rng: Random,
        *,
        clock_skew_s: float = CLOCK_SKEW_S,
        copies: int = COPIES,
    ) -> None:
        self.route = route
        self._clock_skew_s = clock_skew_s
        self._copies = copies
        self.timeline = timeline
        self._profile = profile
        self._body = body
        self._rng = rng
        self._boot = 0
        self._sequence = 0
        self._garbage = 0

    def speak(self, part: Part, since_start_us: int, start_us: int) -> Sequence[Said]:
        """What leaves this device at this instant, or later (`send_at_us`). Empty: silence."""
        vitals = self._body.measure(part.vitals, since_start_us)
        episode = self.timeline.at(since_start_us)
        at_us = start_us + since_start_us
        self._boot = start_us
        if episode is None:
            return (self._say(vitals, at_us),)
        if episode.is_bodily:
            return (self._say(bend(episode, vitals, since_start_us), at_us),)
        return self._during(episode, vitals, at_us, part.every_us)

    def _during(
        self, episode: Planned, vitals: dict[str, float], at_us: int, every_us: int
    ) -> Sequence[Said]:
        match episode.kind:
            case "dropout":
                return ()
            case "garbage":
                return (self._spoil(at_us),)
            case "sensor_off":
                return self._off_body(vitals, at_us)
            case "clock_skew":
                said = self._say(vitals, at_us + skew_us(episode, self._clock_skew_s))
                return (msgspec.structs.replace(said, send_at_us=at_us),)
            case _:
                return self._delayed(episode, self._say(vitals, at_us), every_us / _SECOND_US)

    def _delayed(self, episode: Planned, said: Said, every_s: float) -> Sequence[Said]:
        match episode.kind:
            case "duplicates":
                later = (_sent_later(said, self._rng.uniform(0.05, 2.0)) for _ in range(1, self._copies))
                return said, *sorted(later, key=lambda each: each.send_at_us)
            case "late":
                return (_sent_later(said, self._rng.uniform(5.0, 90.0)),)
            case _:
                # Out of order: by up to three of its own periods, so that later ones overtake it.
                return (_sent_later(said, self._rng.uniform(0.0, 3.0) * every_s),)

    def _off_body(self, vitals: dict[str, float], at_us: int) -> Sequence[Said]:
        if self._profile == "native":
            left = {"battery_pct": vitals["battery_pct"], "steps_per_min": 0.0, "on_body": 0.0}
            return (self._say(left, at_us),)
        if self._profile == "bedside" and "spo2_pct" in vitals:
            return (self._say({"spo2_pct": self._rng.uniform(*_OPEN_CLIP_PCT)}, at_us),)
        return ()

    def _spoil(self, at_us: int) -> Said:
        self._garbage += 1
        kind = self._rng.choice(GARBAGE_KINDS)
        payload = garbage(kind, self.route.device_id, self._garbage, at_us)
        return Said(self.route, payload, at_us, at_us, None)

    def _say(self, vitals: dict[str, float], at_us: int) -> Said:
        route = self.route
        kept = {vital: _clipped(vital, value) for vital, value in vitals.items()}
        if self._profile == "bedside":
            ((vital, value),) = kept.items()
            payload, values = encode.bedside(route.device_id, at_us, vital, value)
            return Said(route, payload, at_us, at_us, values)
        if self._profile == "packet":
            payload, values = encode.packet(route.device_id, at_us, kept)
            return Said(route, payload, at_us, at_us, values)
        self._sequence += 1
        payload, values = encode.native(route.device_id, at_us, self._boot, self._sequence, kept)
        return Said(route, payload, at_us, at_us, values, self._boot, self._sequence)


def skew_us(episode: Planned, limit_s: float = CLOCK_SKEW_S) -> int:
    """How wrong the clock is in a `clock_skew` episode: up to `limit_s`, either way.

    Never a whole number of seconds: a skewed stamp must not fall on one that the device has used already.
    """
    wrong_us = round((2.0 * episode.severity - 1.0) * (limit_s - 1.0) * _SECOND_US)
    return wrong_us if wrong_us % _SECOND_US else wrong_us + 1


def _clipped(vital: str, value: float) -> float:
    # A normal distribution has no end, a sensor's range has: only garbage may leave it.
    accepted = ACCEPTED.get(vital)
    return value if accepted is None else min(accepted.high, max(accepted.low, value))


def _sent_later(said: Said, delay_s: float) -> Said:
    return msgspec.structs.replace(said, send_at_us=said.send_at_us + round(delay_s * _SECOND_US))
