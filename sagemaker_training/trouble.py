"""Which hours a model must not learn from: those in which evidence of trouble was high or a clinical alarm would stand. Pure.

An illness lasts hours to days, moves several vitals at once and in the direction that harms. Each hour's distance from the
person's own curve, in their own spreads and beyond what chance does, is summed over the vitals and over time; what is summed
decays. Where the sum gets high, everything since it began to rise is left out: a fever begins before it is a fever. An
illness that fills more than half of what is read can't be told from a new usual by anybody who has only these readings.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sagemaker_training.cells import HOURS, Mask
from sagemaker_training.usual import LEAST, Curve, Doubles, median, spread_around
from wardstream.contracts.vitals import VITALS, Vital
from wardstream.scoring.limits import DEFAULTS

# Which way harm lies: +1 high, -1 low, 0 both.
_HARM: dict[Vital, int] = {
    "heart_rate_bpm": 0,
    "spo2_pct": -1,
    "temperature_c": 0,
    "systolic_mmhg": 0,
    "diastolic_mmhg": 0,
    "respiratory_rate_bpm": 1,
}
# Chance alone goes one spread beyond the curve in a third of the hours.
_SLACK = 1.0
_DAYS_WEIGH = 1.5
# No one's days are more alike than this (one standard deviation of a day's mean).
LEAST_DAY_SPREAD: dict[Vital, float] = {
    "heart_rate_bpm": 1.5,
    "spo2_pct": 0.4,
    "temperature_c": 0.12,
    "systolic_mmhg": 3.0,
    "diastolic_mmhg": 2.5,
    "respiratory_rate_bpm": 0.6,
}
# One hour says no more than this, so that an artefact isn't a day of illness.
_MOST = 4.0
_KEPT_AN_HOUR = 0.96
# Independent normal hours reach it about once a year; a lasting shift of two spreads within a day.
HIGH = 12.0
# Recovering, or between two bouts: as long as half of it is there.
_OVER = HIGH / 2
# The shoulders of what was found.
_BESIDE_HOURS = 2


def troubled(hourly: Mapping[Vital, Doubles], curves: Mapping[Vital, Curve]) -> Mask:
    """Whether each hour (people, hours) of the vitals' hourly means is one of trouble."""
    said = np.stack([_distance(vital, values, curves[vital]) for vital, values in hourly.items()])
    measured: Mask = ~np.asarray(np.isnan(said).all(axis=0))
    evidence = np.nansum(said, axis=0)
    found = _runs(evidence, measured) | clinical(hourly)
    return beside(found, _BESIDE_HOURS)


def _distance(vital: Vital, values: Doubles, curve: Curve) -> Doubles:
    """How far each hour goes beyond chance, in spreads; as much below 0 as it is nearer than that."""
    residuals = values - curve.at(values.shape[1])
    # Well people have good and bad days: all hours of such a day lie on one side, and say it only once. The middle day is
    # the measure: an illness of a third of the days has drawn the curve towards itself already.
    days = _day_means(residuals)
    middle = np.nan_to_num(median(days))[:, None]
    between = spread_around(days - middle, LEAST_DAY_SPREAD[vital])
    within = spread_around(residuals - np.repeat(days, HOURS, axis=1), LEAST[vital])
    spreads = (residuals - middle) / np.hypot(within, _DAYS_WEIGH * between)[:, None]
    harm = _HARM[vital]
    far = np.abs(spreads) if harm == 0 else harm * spreads
    return np.clip(far - _SLACK, -_SLACK, _MOST)


def _day_means(residuals: Doubles) -> Doubles:
    by_day = residuals.reshape(len(residuals), -1, HOURS)
    there = ~np.isnan(by_day)
    with np.errstate(invalid="ignore"):
        sums = np.where(there, by_day, 0.0).sum(axis=2)
        means: Doubles = sums / np.where(there.any(axis=2), there.sum(axis=2), np.nan)
    return means


def _runs(evidence: Doubles, measured: Mask) -> Mask:
    people, hours = evidence.shape
    sums = np.zeros((people, hours))
    now = np.zeros(people)
    for hour in range(hours):
        now = np.where(measured[:, hour], np.maximum(0.0, now * _KEPT_AN_HOUR + evidence[:, hour]), now)
        sums[:, hour] = now
    found = sums >= HIGH
    for hour in range(1, hours):
        found[:, hour] |= found[:, hour - 1] & (sums[:, hour] >= _OVER)
    for hour in range(hours - 2, -1, -1):
        found[:, hour] |= found[:, hour + 1] & (sums[:, hour] > 0)
    return found


def clinical(hourly: Mapping[Vital, Doubles]) -> Mask:
    """Whether an hour's mean lies outside the limits that alarm for everybody: an alarm stood then."""
    shape = next(iter(hourly.values())).shape
    found: Mask = np.zeros(shape, np.bool_)
    for vital in VITALS:
        bounds, values = DEFAULTS.clinical.get(vital), hourly.get(vital)
        if bounds is None or values is None:
            continue
        if bounds.low is not None:
            found |= values <= bounds.low.value
        if bounds.high is not None:
            found |= values >= bounds.high.value
    return found


def beside(found: Mask, hours: int) -> Mask:
    """`found`, and so many hours on each side."""
    wider = found.copy()
    for step in range(1, hours + 1):
        wider[:, step:] |= found[:, :-step]
        wider[:, :-step] |= found[:, step:]
    return wider


def intervals(row: NDArray[np.bool_], start_us: int, hour_us: int) -> tuple[tuple[int, int], ...]:
    """One person's hours of trouble as (from, to before) instants; `start_us` is that of the first hour."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    return tuple(
        (start_us + int(begin) * hour_us, start_us + int(end) * hour_us)
        for begin, end in zip(edges[::2], edges[1::2], strict=True)
    )
