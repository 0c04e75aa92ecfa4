"""Level, daily shape and spread of many people at once, robustly: least squares with Huber's weights. Pure.

Usual at local time t (a fraction of the day) is mean + c1 cos 2πt + s1 sin 2πt + c2 cos 4πt + s2 sin 4πt, as in
`contracts.user_model`. All arrays are (people, hours in a row), NaN where nothing was measured.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sagemaker_training.cells import HOURS
from wardstream.contracts.user_model import EFFORT

Doubles = NDArray[np.float64]

# Huber's constant for 95 % efficiency under normal noise (Huber 1964).
_HUBER = 1.345
_ROUNDS = 6
# Median absolute deviation to standard deviation of a normal.
_MAD = 1.4826
# The shape is drawn towards flat as if this many hours had said so: whoever is worn by night only shows no shape of a day.
_FLAT_HOURS = 12.0

# Below these a spread of five-minute means is the instrument's rounding.
LEAST: dict[str, float] = {
    "heart_rate_bpm": 1.5,
    "spo2_pct": 0.4,
    "temperature_c": 0.08,
    "systolic_mmhg": 2.5,
    "diastolic_mmhg": 2.0,
    "respiratory_rate_bpm": 0.6,
    EFFORT: 2.0,
}


class Curve(NamedTuple):
    """Coefficients (people, 5): mean, then the shape's four; and the residuals' robust standard deviation (people,)."""

    coefficients: Doubles
    scale: Doubles

    def at(self, hours: int) -> Doubles:
        """What is usual in each of so many hours from a midnight on, (people, hours)."""
        usual: Doubles = times(self.coefficients, basis(hours).T)
        return usual


def basis(hours: int) -> Doubles:
    """The five terms at the middle of every hour from a midnight on, (hours, 5)."""
    turn = 2 * np.pi * ((np.arange(hours) % HOURS) + 0.5) / HOURS
    return np.stack([np.ones(hours), np.cos(turn), np.sin(turn), np.cos(2 * turn), np.sin(2 * turn)], axis=1)


def fitted(values: Doubles, weights: Doubles, least: float) -> Curve:
    """The curves through `values`, each weighing `weights` (0: as if it weren't there); nobody's scale is below `least`.

    Who has no weight at all gets NaN.
    """
    there = ~np.isnan(values) & (weights > 0)
    x, w = np.where(there, values, 0.0), np.where(there, weights, 0.0)
    terms = basis(values.shape[1])
    outer = np.einsum("hi,hj->hij", terms, terms).reshape(len(terms), -1)
    start = median(np.where(there, values, np.nan))
    beta = np.zeros((len(values), terms.shape[1]))
    beta[:, 0] = start
    scale = spread_around(np.where(there, values - start[:, None], np.nan), least)
    for _ in range(_ROUNDS):
        far = np.abs(x - times(beta, terms.T)) / scale[:, None]
        own = w * np.minimum(1.0, _HUBER / np.maximum(far, _HUBER))
        beta = _solved(own, x, terms, outer)
        scale = spread_around(np.where(there, values - times(beta, terms.T), np.nan), least)
    return Curve(beta, scale)


def _solved(weights: Doubles, x: Doubles, terms: Doubles, outer: Doubles) -> Doubles:
    width = terms.shape[1]
    left = times(weights, outer).reshape(len(x), width, width)
    left[:, range(1, width), range(1, width)] += _FLAT_HOURS
    nobody = weights.sum(axis=1) <= 0
    left[nobody] = np.eye(width)
    right = times(weights * x, terms)
    beta = np.asarray(np.linalg.solve(left, right[..., None])[..., 0], np.float64)
    beta[nobody] = np.nan
    return beta


def times(left: Doubles, right: Doubles) -> Doubles:
    """The matrix product, summed in one order on every machine; BLAS would choose its own, and as many threads as cores."""
    product: Doubles = np.einsum("ij,jk->ik", left, right)
    return product


def median(values: Doubles) -> Doubles:
    """Each row's median without NaN; NaN where there is nothing else. Single precision, which sorts many times faster."""
    ordered = np.sort(values.astype(np.float32), axis=1)
    count = values.shape[1] - np.isnan(values).sum(axis=1)
    rows = np.arange(len(values))
    low, high = (
        ordered[rows, np.maximum(count - 1, 0) // 2],
        ordered[rows, np.minimum(count // 2, values.shape[1] - 1)],
    )
    # NaN sorts last: without any number, both are NaN.
    return np.where(count > 0, (low.astype(np.float64) + high) / 2, np.nan)


def spread_around(residuals: Doubles, least: float) -> Doubles:
    """The robust standard deviation of residuals around 0, at least `least`."""
    found = _MAD * median(np.abs(residuals))
    return np.where(np.isnan(found), least, np.maximum(found, least))
