"""A person at the bedside: what is usual for them, drawn from a seed so that all people together are as the ward is."""

from random import Random
from typing import NamedTuple

import msgspec

# Half of the variance lies between people, half within one: drawn twice so, the readings of the whole ward are still
# exactly normal(mean, spread), while each person has a usual value of their own.
_OWN_SHARE = 0.5


class Spread(NamedTuple):
    """A normal distribution over all people's readings: mean and standard deviation."""

    mean: float
    spread: float


def fahrenheit_spread(mean: float, spread: float) -> Spread:
    """A spread given in °F, in °C (unrounded)."""
    return Spread((mean - 32.0) * 5.0 / 9.0, spread * 5.0 / 9.0)


class Population(msgspec.Struct, frozen=True, kw_only=True):
    """The ward's readings, all people together."""

    heart_rate_bpm: Spread = Spread(85.0, 12.0)
    spo2_pct: Spread = Spread(90.0, 3.0)
    temperature_c: Spread = fahrenheit_spread(99.0, 1.5)
    systolic_mmhg: Spread = Spread(120.0, 10.0)
    diastolic_mmhg: Spread = Spread(78.0, 7.0)


class Patient:
    """One person. `measure` draws from `rng`: the same seed and the same calls give the same values."""

    def __init__(self, population: Population, rng: Random) -> None:
        self._gauss = rng.gauss
        self.usual = {
            vital: _usual(getattr(population, vital), rng) for vital in population.__struct_fields__
        }

    def measure(self, vitals: tuple[str, ...], _since_start_us: int) -> dict[str, float]:
        """One measurement of each of `vitals`, unrounded, in Reading's units."""
        return {vital: self._gauss(*self.usual[vital]) for vital in vitals}


def _usual(everyone: Spread, rng: Random) -> Spread:
    between = everyone.spread * _OWN_SHARE**0.5
    within = everyone.spread * (1.0 - _OWN_SHARE) ** 0.5
    return Spread(rng.gauss(everyone.mean, between), within)
