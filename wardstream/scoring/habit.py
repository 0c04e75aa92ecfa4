"""What is usual for one person and vital: a level that bends with the time of day, its spread, and how much either is known.

It learns from means over five minutes, not from readings: a device that reports fifteen times as often as another teaches as fast.
"""

import math
import struct
from typing import NamedTuple

from wardstream.contracts.user_model import Usual
from wardstream.contracts.vitals import Vital
from wardstream.scoring.baseline import LEAST_SPREAD, Baseline

MINUTE_US = 60_000_000
BLOCK_US = 5 * MINUTE_US
BLOCKS_OF_A_DAY = 288
DAY_US = BLOCKS_OF_A_DAY * BLOCK_US
_HALF = 0.5
# Some 90 five-minutes of a worn day are spent at rest (the six recorded people: 17 to 157).
_TAUGHT_A_DAY = 90.0
# The level drifts with a memory of so many days; a seasonal or training change takes weeks.
_MEMORY = 12.0 * _TAUGHT_A_DAY
# Until so many five-minutes are known the level is a plain mean, as nobody's first hour is an outlier.
_PLAIN = 40.0
# From here on a person is known: what their level may be wrong by is small beside their spread.
_KNOWN = 3.0 * _TAUGHT_A_DAY
# The time-of-day shape learns slower than the level: it has four numbers to find.
_SHAPE_MEMORY = 600.0
# Huber's bound: what lies further out teaches no more than this many spreads. 1.25 makes the variance of so cut normal values right again.
_HUBER_SPREADS = 2.0
_HUBER_CORRECTION = 1.25
# The prior of the variance is worth ten days, and the person's own days weigh as much at most as the level's memory.
_VARIANCE_PRIOR = 10.0 * _TAUGHT_A_DAY
# The same for the variance between days.
DAY_PRIOR = 10.0
DAYS_MOST = 28.0


class Everybody(NamedTuple):
    """What is known of a person before their first reading: mean and spread between people, spread within a day and between days."""

    mean: float
    between: float
    spread: float
    day_spread: float


# Heart rate: our choice, near the resting levels of the recorded people (58 to 78 bpm) and wide around them. The others
# are textbook normals (NEWS2's zero-score bands), their spreads those of bedside instruments. Wide on purpose: they only bridge the first day.
EVERYBODY: dict[Vital, Everybody] = {
    "heart_rate_bpm": Everybody(72.0, 9.0, 5.5, 2.5),
    "spo2_pct": Everybody(96.5, 1.5, 1.5, 0.7),
    "temperature_c": Everybody(36.7, 0.35, 0.35, 0.2),
    "systolic_mmhg": Everybody(120.0, 14.0, 10.0, 5.0),
    "diastolic_mmhg": Everybody(76.0, 9.0, 7.0, 4.0),
    "respiratory_rate_bpm": Everybody(15.0, 3.0, 2.5, 1.0),
}
# A person's mean lies `between` around everybody's and a five-minute `spread` around theirs; neighbouring five-minutes say much the same, so
# that the prior weighs as four of them.
_LEVEL_PRIOR = 4.0
# Heart rate pottering about, above that at rest, before anything is known of the person.
_LIGHT_PRIOR_BPM = 12.0
_LIGHT_WEIGHT = 20.0
_NUMBERS = struct.Struct("<11f")


class Habit:
    """`level` and `shape` (c1, s1, c2, s2) give what is expected at a time of day, `taught` how many five-minutes they rest on.

    `variance` is that of five-minute means around it, `day_variance` that of a day's mean; `days` counts the days that went in.
    `light` is how much higher the vital is while pottering about. All numbers have single precision, in memory as in a row: a
    person has six of these, and a row of theirs is written every few seconds.
    """

    __slots__ = (
        "c1",
        "c2",
        "day_variance",
        "days",
        "level",
        "light",
        "light_taught",
        "s1",
        "s2",
        "taught",
        "variance",
    )

    def __init__(
        self,
        level: float,
        variance: float,
        day_variance: float,
        taught: float = _LEVEL_PRIOR,
        days: float = 0.0,
        c1: float = 0.0,
        s1: float = 0.0,
        c2: float = 0.0,
        s2: float = 0.0,
        light: float = _LIGHT_PRIOR_BPM,
        light_taught: float = _LIGHT_WEIGHT,
    ) -> None:
        self.level, self.variance, self.day_variance = level, variance, day_variance
        self.taught, self.days = taught, days
        self.c1, self.s1, self.c2, self.s2 = c1, s1, c2, s2
        self.light, self.light_taught = light, light_taught
        self.round()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Habit) and self.packed() == other.packed()

    __hash__ = None  # type: ignore[assignment]  # changes in place

    def __repr__(self) -> str:
        return f"Habit{_NUMBERS.unpack(self.packed())}"

    def packed(self) -> bytes:
        """The numbers in single precision, in the order of the constructor."""
        return _NUMBERS.pack(
            self.level,
            self.variance,
            self.day_variance,
            self.taught,
            self.days,
            self.c1,
            self.s1,
            self.c2,
            self.s2,
            self.light,
            self.light_taught,
        )

    def round(self) -> None:
        """Makes every number what `packed` keeps of it, so that restored equals never stopped."""
        (
            self.level,
            self.variance,
            self.day_variance,
            self.taught,
            self.days,
            self.c1,
            self.s1,
            self.c2,
            self.s2,
            self.light,
            self.light_taught,
        ) = _NUMBERS.unpack(self.packed())


def unpacked(numbers: bytes) -> Habit:
    """The habit that `Habit.packed` wrote; `ValueError` if these bytes are none."""
    if len(numbers) != _NUMBERS.size:
        raise ValueError("not a habit")
    return Habit(*_NUMBERS.unpack(numbers))


def _waves() -> tuple[tuple[float, float, float, float], ...]:
    phases = [2.0 * math.pi * (block + _HALF) / BLOCKS_OF_A_DAY for block in range(BLOCKS_OF_A_DAY)]
    return tuple((math.cos(p), math.sin(p), math.cos(2 * p), math.sin(2 * p)) for p in phases)


_WAVES = _waves()


def before_any(vital: Vital) -> Habit:
    """Everybody's habit: what a new person is held against, with little confidence."""
    everybody = EVERYBODY[vital]
    return Habit(everybody.mean, everybody.spread**2, everybody.day_spread**2)


def of_model(usual: Usual, vital: Vital) -> Habit:
    """The habit that training found, weighing as much as the days it rests on."""
    day_spread = usual.day_spread or EVERYBODY[vital].day_spread
    days = min(float(usual.days), DAYS_MOST)
    c1, s1, c2, s2 = (float(part) for part in usual.shape)
    return Habit(
        level=float(usual.mean),
        variance=float(usual.spread) ** 2,
        day_variance=float(day_spread) ** 2,
        taught=min(_LEVEL_PRIOR + days * _TAUGHT_A_DAY, _MEMORY),
        days=days,
        c1=c1,
        s1=s1,
        c2=c2,
        s2=s2,
    )


def of_running_mean(old: Baseline, vital: Vital) -> Habit:
    """The habit that a state of version 2 amounts to: its running mean of about a day."""
    habit = before_any(vital)
    weight = min(old.readings / 60.0, _TAUGHT_A_DAY)
    habit.level += (old.mean - habit.level) * weight / (weight + _LEVEL_PRIOR)
    habit.taught += weight
    habit.round()
    return habit


def expected(habit: Habit, block: int) -> float:
    """What is usual at rest in the `block`-th five-minutes since 1970, local time."""
    c1, s1, c2, s2 = _WAVES[block % BLOCKS_OF_A_DAY]
    return habit.level + habit.c1 * c1 + habit.s1 * s1 + habit.c2 * c2 + habit.s2 * s2


def spread(habit: Habit, vital: Vital) -> float:
    """One standard deviation of what a five-minute mean may be: of the person, and of what is not yet known of them."""
    return max(math.sqrt(habit.variance + unknown(habit, vital)), LEAST_SPREAD[vital])


def unknown(habit: Habit, vital: Vital) -> float:
    """The variance of what is not yet known of the person's level; after some days none."""
    if habit.taught >= _KNOWN:
        return 0.0
    return _LEVEL_PRIOR / habit.taught * EVERYBODY[vital].between ** 2


def unknown_of_days(habit: Habit, vital: Vital) -> float:
    """The same, of what lasts for hours: a first day may have been an odd one, so that days count and not five-minutes."""
    return max(unknown(habit, vital), EVERYBODY[vital].between ** 2 * _HALF / (habit.days + _HALF))


def learn(habit: Habit, block: int, excess: float) -> None:
    """Takes one five-minute mean, `excess` over what was expected, into the habit."""
    own = math.sqrt(habit.variance)
    if habit.taught > _PLAIN:
        excess = max(-_HUBER_SPREADS * own, min(_HUBER_SPREADS * own, excess))
    habit.level += excess / habit.taught
    gain = excess / max(habit.taught, _SHAPE_MEMORY)
    c1, s1, c2, s2 = _WAVES[block % BLOCKS_OF_A_DAY]
    habit.c1 += gain * c1
    habit.s1 += gain * s1
    habit.c2 += gain * c2
    habit.s2 += gain * s2
    cut = max(-_HUBER_SPREADS * own, min(_HUBER_SPREADS * own, excess))
    habit.variance += (cut * cut * _HUBER_CORRECTION - habit.variance) / (_VARIANCE_PRIOR + habit.taught)
    habit.taught = min(habit.taught + 1.0, _MEMORY)
    habit.round()


def doubt(habit: Habit) -> None:
    """Lets what was learned weigh no more than what is known of everybody: half an hour of better knowledge outweighs it."""
    habit.taught = min(habit.taught, _LEVEL_PRIOR)
    habit.round()


def learn_little(habit: Habit, excess: float, share: float) -> None:
    """Takes a single value, worth `share` of a five-minute mean, into the level."""
    own = math.sqrt(habit.variance)
    habit.level += max(-_HUBER_SPREADS * own, min(_HUBER_SPREADS * own, excess)) / habit.taught * share
    habit.round()


def learn_light(habit: Habit, excess: float) -> None:
    """The same of five minutes spent pottering about: it teaches only how much higher the vital then is."""
    own = math.sqrt(habit.variance)
    habit.light += max(-_HUBER_SPREADS * own, min(_HUBER_SPREADS * own, excess)) / habit.light_taught
    habit.light_taught = min(habit.light_taught + 1.0, _MEMORY)
    habit.round()


def learn_day(habit: Habit, mean_excess: float) -> None:
    """Takes a whole day's mean excess into the spread between days; the first two only say where the level is."""
    if habit.days >= 2.0:  # noqa: PLR2004 -- as said
        own = math.sqrt(habit.day_variance)
        cut = max(-_HUBER_SPREADS * own, min(_HUBER_SPREADS * own, mean_excess))
        # A day's mean is cut harder by Huber's bound than a five-minute one: fewer of them lie near the middle.
        habit.day_variance += (cut * cut * 1.2 - habit.day_variance) / (DAY_PRIOR + habit.days)
    habit.days = min(habit.days + 1.0, DAYS_MOST)
    habit.round()


def day_deviation(habit: Habit, mean_excess: float) -> float:
    """How many day spreads a day's mean lies from usual; less sure of a person of few days."""
    return mean_excess / math.sqrt(habit.day_variance * (1.0 + 1.0 / max(habit.days, 1.0)))


def as_baseline(habit: Habit, vital: Vital, block: int, known: Baseline | None) -> Baseline:
    """What single readings in this block are held against."""
    own = spread(habit, vital)
    readings, since_us = (0, block * BLOCK_US) if known is None else (known.readings, known.since_us)
    return Baseline(expected(habit, block), own * own, readings, since_us)
