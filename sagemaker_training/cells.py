"""A person's readings as means over five minutes, and those as hours: a fixed size whatever is read. Pure.

Means over five minutes are what a personal model speaks of (`contracts.user_model`): a breath or an instrument's rounding
is no change of a person. An hour keeps how many of its five-minutes were measured, their mean and their variance.
A reading that Kafka holds twice weighs twice within its five minutes and nowhere else: evidence counts five-minutes and days.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wardstream.contracts.user_model import EFFORT, STEPS
from wardstream.contracts.vitals import VITALS
from wardstream.scoring.personal import AT_REST_ONLY

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

DAY_US = 86_400_000_000
CELL_US = 300_000_000
CELLS = 288
PER_HOUR = 12
HOURS = 24

# What a cell holds a mean of.
_MEASURED: tuple[str, ...] = (*VITALS, STEPS)
# What an hour tells: the vitals (at rest, where effort changes them), steps, and heart rate while pottering about.
TOLD: tuple[str, ...] = (*VITALS, STEPS, EFFORT)
_HEART = _MEASURED.index("heart_rate_bpm")
_STEPS = _MEASURED.index(STEPS)
_RESTING = [_MEASURED.index(vital) for vital in VITALS if vital in AT_REST_ONLY]
# As `scoring.effort` has it: steps leak away within six minutes; fewer than 6 left is rest, up to 150 pottering about.
_REST_STEPS = 6.0
_LIGHT_STEPS = 150.0
_LEFT_AFTER_A_CELL = 0.439
_CELL_MIN = 5.0
_AT_ONCE = 512
_FIRST_CAPACITY = 64


class Hours(NamedTuple):
    """One date of many people: `mean` and `variance` of the five-minute means of each hour, and of how many `cells`.

    All three are (people, TOLD, 24); without any measurement `mean` is NaN and `cells` 0. `readings` is (people, TOLD).
    """

    mean: Floats
    variance: NDArray[np.float16]
    cells: NDArray[np.uint8]
    readings: NDArray[np.uint32]

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.mean.nbytes + self.variance.nbytes + self.cells.nbytes + self.readings.nbytes


def part(hours: Hours, start: int, people: int) -> Hours:
    """The hours of `people` from number `start` on; who was not known yet on that date has none."""
    end = start + people
    there = Hours(
        hours.mean[start:end], hours.variance[start:end], hours.cells[start:end], hours.readings[start:end]
    )
    missing = people - len(there.mean)
    if not missing:
        return there
    return Hours(
        np.pad(there.mean, ((0, missing), (0, 0), (0, 0)), constant_values=np.nan),
        np.pad(there.variance, ((0, missing), (0, 0), (0, 0))),
        np.pad(there.cells, ((0, missing), (0, 0), (0, 0))),
        np.pad(there.readings, ((0, missing), (0, 0))),
    )


class Day:
    """The five-minutes of one date while its readings come, in any order."""

    def __init__(self) -> None:
        self._sums = np.zeros((_FIRST_CAPACITY, len(_MEASURED), CELLS), np.float32)
        self._counts = np.zeros((_FIRST_CAPACITY, len(_MEASURED), CELLS), np.uint16)

    def take(self, people: NDArray[np.int64], at_us: NDArray[np.int64], values: Mapping[str, Floats]) -> None:
        """Adds readings: whose (a number from 0 on), when, and what of `VITALS` and steps they say; NaN is not said."""
        if not len(people):
            return
        self._grow(int(people.max()) + 1)
        cells = (at_us % DAY_US) // CELL_US
        for place, name in enumerate(_MEASURED):
            said = values.get(name)
            if said is None:
                continue
            there = ~np.isnan(said)
            if there.any():
                where = (people[there] * len(_MEASURED) + place) * CELLS + cells[there]
                np.add.at(self._sums.reshape(-1), where, said[there])
                np.add.at(self._counts.reshape(-1), where, np.uint16(1))

    def _grow(self, people: int) -> None:
        have = len(self._sums)
        if people > have:
            more = ((0, max(people, 2 * have) - have), (0, 0), (0, 0))
            self._sums, self._counts = np.pad(self._sums, more), np.pad(self._counts, more)

    def closed(self, people: int, effort_before: Floats | None = None) -> tuple[Hours, Floats]:
        """The hours of the first `people`, and their effort at the date's end: the next date's `effort_before`."""
        self._grow(people)
        before = np.zeros(people, np.float32)
        if effort_before is not None:
            before[: len(effort_before)] = effort_before
        parts: list[Hours] = []
        tails: list[Floats] = []
        for start in range(0, people, _AT_ONCE):
            chunk = slice(start, min(start + _AT_ONCE, people))
            hours, tail = _hours(self._sums[chunk], self._counts[chunk], before[chunk])
            parts.append(hours)
            tails.append(tail)
        if not parts:
            return _hours(self._sums[:0], self._counts[:0], before)
        return joined(parts), np.concatenate(tails)


def joined(parts: Sequence[Hours]) -> Hours:
    """The hours of one date of people after people."""
    return Hours(
        np.concatenate([each.mean for each in parts]),
        np.concatenate([each.variance for each in parts]),
        np.concatenate([each.cells for each in parts]),
        np.concatenate([each.readings for each in parts]),
    )


def _hours(sums: Floats, counts: NDArray[np.uint16], effort_before: Floats) -> tuple[Hours, Floats]:
    with np.errstate(invalid="ignore"):
        means = sums / np.where(counts, counts, np.nan).astype(np.float32)
    steps = np.nan_to_num(means[:, _STEPS] * np.float32(_CELL_MIN)).astype(np.float32)
    efforts = _efforts(steps, effort_before)
    most = np.maximum(efforts[:, :-1], efforts[:, 1:])
    resting = most < _REST_STEPS
    light = np.where(~resting & (most < _LIGHT_STEPS), means[:, _HEART], np.nan)
    means[:, _RESTING] = np.where(resting[:, None], means[:, _RESTING], np.nan)
    told = np.concatenate([means, light[:, None]], axis=1)
    told = told.reshape(len(told), len(TOLD), HOURS, PER_HOUR)
    there = ~np.isnan(told)
    count = there.sum(axis=3)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, told, 0).sum(axis=3, dtype=np.float32) / np.where(count, count, np.nan)
        spread = np.where(there, (told - mean[..., None]) ** 2, 0).sum(axis=3) / np.maximum(count - 1, 1)
    readings = counts.sum(axis=2, dtype=np.uint32)
    readings = np.concatenate([readings, readings[:, [_HEART]]], axis=1)
    hours = Hours(
        mean.astype(np.float32),
        np.minimum(spread, np.finfo(np.float16).max).astype(np.float16),
        count.astype(np.uint8),
        readings,
    )
    return hours, efforts[:, -1]


def _efforts(steps: Floats, before: Floats) -> Floats:
    """The steps that have not leaked away at the beginning of each cell and at the end of the last, (people, cells + 1)."""
    efforts = np.empty((len(steps), CELLS + 1), np.float32)
    efforts[:, 0] = before
    for cell in range(CELLS):
        efforts[:, cell + 1] = efforts[:, cell] * np.float32(_LEFT_AFTER_A_CELL) + steps[:, cell]
    return efforts
