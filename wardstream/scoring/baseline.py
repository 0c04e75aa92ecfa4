"""What is usual for one person: a running mean and spread per vital, slow on purpose."""

import math

import msgspec

from wardstream.contracts.user_model import Usual
from wardstream.contracts.vitals import Vital

_SECOND_US = 1_000_000
# A day: so that sleep and waking, meals and rounds all belong to the usual, and an illness of hours does not.
MEMORY_US = 24 * 3600 * _SECOND_US
# After a gap one reading still speaks for no more than five minutes, else the first after a night would be the night.
SPEAKS_FOR_US = 5 * 60 * _SECOND_US
# Fewer readings, or readings of less than an hour, are one moment of a person and not their usual.
ENOUGH_READINGS = 60
ENOUGH_TIME_US = 3600 * _SECOND_US
# What lies further out teaches no more than this many spreads, so that an artefact can't drag the mean along.
LEARNS_AT_MOST_SPREADS = 3.0
# About 95 % of a normal person's values lie this many spreads around the mean: what an explanation calls usual.
USUAL_SPREADS = 2.0

# No one is steadier than this in daily life (one standard deviation): below it, the instrument's rounding and
# breathing would count as deviation.
LEAST_SPREAD: dict[Vital, float] = {
    "heart_rate_bpm": 5.0,
    "spo2_pct": 1.5,
    "temperature_c": 0.3,
    "systolic_mmhg": 8.0,
    "diastolic_mmhg": 6.0,
    "respiratory_rate_bpm": 2.0,
}

# Within this a step is never cut, whatever the person's own spread: no root to take.
_SURELY = {vital: LEARNS_AT_MOST_SPREADS * least for vital, least in LEAST_SPREAD.items()}


class Baseline(msgspec.Struct, array_like=True, gc=False):
    """Mean and variance in the vital's unit, the readings they rest on, and the time of the first of them."""

    mean: float
    variance: float
    readings: int
    since_us: int


def from_model(usual: Usual) -> Baseline:
    """The baseline that training found. Its readings span days: no further hour is waited for."""
    return Baseline(float(usual.mean), float(usual.spread) ** 2, usual.readings, 0)


def begun(value: float, at_us: int) -> Baseline:
    """The baseline after its first value."""
    return Baseline(value, 0.0, 1, at_us)


def learn(known: Baseline, vital: Vital, value: float, since_last_us: int) -> None:
    """Changes `known` by one more value: a plain mean at first (Welford), then forgetting with a memory of a day."""
    readings = known.readings + 1
    weight = 1.0 / readings
    if since_last_us > 0:
        forgotten = (since_last_us if since_last_us < SPEAKS_FOR_US else SPEAKS_FOR_US) / MEMORY_US  # noqa: FURB136 -- a call
        if forgotten > weight:  # noqa: PLR1730 -- costs more than all of this line
            weight = forgotten
    step = value - known.mean
    if readings > ENOUGH_READINGS and not -_SURELY[vital] <= step <= _SURELY[vital]:
        reach = LEARNS_AT_MOST_SPREADS * spread(known, vital)
        step = min(max(step, -reach), reach)
    change = weight * step
    known.variance = (1.0 - weight) * (known.variance + change * step)
    known.mean += change
    known.readings = readings


def is_enough(known: Baseline, at_us: int) -> bool:
    """Whether the baseline rests on enough readings over enough time to be held against a person."""
    return known.readings >= ENOUGH_READINGS and at_us - known.since_us >= ENOUGH_TIME_US


def spread(known: Baseline, vital: Vital) -> float:
    """One standard deviation, never below what a body has."""
    return max(math.sqrt(known.variance), LEAST_SPREAD[vital])


def deviation(known: Baseline, vital: Vital, value: float) -> float:
    """How many spreads `value` lies above (below: negative) this person's mean."""
    return (value - known.mean) / spread(known, vital)


def usual_range(known: Baseline, vital: Vital) -> tuple[float, float]:
    """The values usual for this person, lowest and highest."""
    reach = USUAL_SPREADS * spread(known, vital)
    return known.mean - reach, known.mean + reach
