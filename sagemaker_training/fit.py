"""Every person's model from their hours: level, daily shape, robust spreads and the days it rests on. Pure, vectorised."""

from typing import NamedTuple

import numpy as np

from sagemaker_training.cells import HOURS, TOLD, Hours, Mask
from sagemaker_training.trouble import troubled
from sagemaker_training.usual import LEAST, Curve, Doubles, fitted, median, spread_around
from wardstream.contracts.user_model import EFFORT, STEPS, Shape, Usual
from wardstream.contracts.vitals import VITALS, Vital

# A day counts as worn with an hour of measurements (as `../shared/detection` counts it).
WORN_CELLS = 12
# A model of less than a day's worth of hours would be the time of day at which somebody wore the device.
LEAST_HOURS = 12
# More than this share of troubled hours is more trouble than usual: nothing can be learned, and what is in force stays.
MOST_TROUBLE = 0.5
_ROUNDS = 3
_DECIMALS = 4


class Fitted(NamedTuple):
    """What was found of some people, in their order: the usual of each signal that has enough, and the hours of trouble.

    `trouble` is (people, hours) over everything that was given, so also the hours that were held out.
    """

    usual: list[dict[str, Usual]]
    trouble: Mask


class _Rows(NamedTuple):
    """The dates in a row: (people, signals, hours); `learn` tells which hours may teach."""

    mean: Doubles
    variance: Doubles
    cells: Doubles
    learn: Mask


def fit(dates: list[Hours], held_out: int) -> Fitted:
    """Models of everybody in `dates` (one `Hours` each, in order, of the same people) from all but the last `held_out`."""
    rows = _in_a_row(dates, held_out)
    trouble = np.zeros((rows.mean.shape[0], rows.mean.shape[2]), np.bool_)
    present: list[Vital] = [vital for vital in VITALS if not np.isnan(rows.mean[:, _place(vital)]).all()]
    hourly = {vital: rows.mean[:, _place(vital)] for vital in present}
    for _ in range(_ROUNDS if present else 0):
        usable = rows.learn & ~trouble
        trouble = troubled(hourly, {vital: _curve(rows, vital, usable) for vital in present})
    usable = rows.learn & ~trouble
    readings = sum((hours.readings.astype(np.int64) for hours in dates[: len(dates) - held_out]), 0)
    usual: list[dict[str, Usual]] = [{} for _ in range(len(trouble))]
    for name in TOLD:
        if name == STEPS:
            _add_steps(usual, rows, usable, np.asarray(readings)[:, _place(name)])
        elif not np.isnan(rows.mean[:, _place(name)]).all():
            _add(usual, name, rows, usable, np.asarray(readings)[:, _place(name)])
    return Fitted(usual, trouble)


def _place(name: str) -> int:
    return TOLD.index(name)


def _in_a_row(dates: list[Hours], held_out: int) -> _Rows:
    mean = np.concatenate([hours.mean for hours in dates], axis=2).astype(np.float64)
    variance = np.concatenate([hours.variance for hours in dates], axis=2).astype(np.float64)
    cells = np.concatenate([hours.cells for hours in dates], axis=2).astype(np.float64)
    effort, heart = _place(EFFORT), _place("heart_rate_bpm")
    # Effort is what pottering about adds to the resting level.
    mean[:, effort] -= median(mean[:, heart])[:, None]
    learn = np.zeros((len(mean), mean.shape[2]), np.bool_)
    learn[:, : (len(dates) - held_out) * HOURS] = True
    return _Rows(mean, variance, cells, learn)


def _curve(rows: _Rows, name: str, usable: Mask) -> Curve:
    place = _place(name)
    weights = np.where(usable, rows.cells[:, place] / WORN_CELLS, 0.0)
    return fitted(rows.mean[:, place], weights, LEAST[name])


def _add(usual: list[dict[str, Usual]], name: str, rows: _Rows, usable: Mask, readings: Doubles) -> None:
    curve = _curve(rows, name, usable)
    values = np.where(usable, rows.mean[:, _place(name)], np.nan)
    counts = np.where(usable, rows.cells[:, _place(name)], 0.0)
    residuals = values - curve.at(values.shape[1])
    within = median(np.where(counts > 1, rows.variance[:, _place(name)], np.nan))
    spread = np.sqrt(np.nan_to_num(within) + curve.scale**2)
    worn, days = _by_day(residuals, counts)
    day_spread = spread_around(days, 0.0)
    measured = (rows.learn & (rows.cells[:, _place(name)] > 0)).sum(axis=1)
    hours = (counts > 0).sum(axis=1)
    # Trouble took the rest.
    enough = (hours >= LEAST_HOURS) & (hours >= (1.0 - MOST_TROUBLE) * measured)
    for person in np.flatnonzero(enough):
        said = [round(float(number), _DECIMALS) for number in curve.coefficients[person]]
        usual[person][name] = Usual(
            mean=said[0],
            spread=round(float(spread[person]), _DECIMALS),
            readings=int(readings[person]),
            shape=_shape(said),
            # Of one or two days no spread between days can be told.
            day_spread=round(float(day_spread[person]), _DECIMALS) or None
            if worn[person] > _FEW_DAYS
            else None,
            days=float(worn[person]),
        )


def _add_steps(usual: list[dict[str, Usual]], rows: _Rows, usable: Mask, readings: Doubles) -> None:
    """Steps are a matter of days: the logarithm of 1 + steps of each worn day."""
    people = len(usual)
    walked = np.where(usable, np.nan_to_num(rows.mean[:, _place(STEPS)]) * rows.cells[:, _place(STEPS)], 0.0)
    worn = (
        np.where(usable, rows.cells[:, _place("heart_rate_bpm")], 0.0).reshape(people, -1, HOURS).sum(axis=2)
    )
    total = walked.reshape(people, -1, HOURS).sum(axis=2) * _CELL_MIN
    said = np.where((worn >= WORN_CELLS) & (total > 0), np.log1p(total), np.nan)
    level, days = median(said), (~np.isnan(said)).sum(axis=1)
    between = spread_around(said - level[:, None], _LEAST_STEPS_SPREAD)
    for person in np.flatnonzero(days >= _FEW_DAYS):
        usual[person][STEPS] = Usual(
            mean=round(float(level[person]), _DECIMALS),
            spread=round(float(between[person]), _DECIMALS),
            day_spread=round(float(between[person]), _DECIMALS),
            readings=int(readings[person]),
            days=float(days[person]),
        )


_FEW_DAYS = 4
_CELL_MIN = 5.0
_LEAST_STEPS_SPREAD = 0.1


def _shape(said: list[float]) -> Shape:
    return said[1], said[2], said[3], said[4]


def _by_day(residuals: Doubles, counts: Doubles) -> tuple[Doubles, Doubles]:
    """How many days were worn (people,), and each worn day's mean residual (people, days), NaN where it wasn't."""
    people = len(residuals)
    counted = counts.reshape(people, -1, HOURS)
    weighed = (np.nan_to_num(residuals) * counts).reshape(people, -1, HOURS).sum(axis=2)
    cells = counted.sum(axis=2)
    worn = cells >= WORN_CELLS
    means = np.where(worn, weighed / np.maximum(cells, 1), np.nan)
    return worn.sum(axis=1).astype(np.float64), means
