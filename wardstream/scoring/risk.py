"""The risk of dying in hospital, from the vitals of a stay: a logistic regression that can be read.

Trained on recorded intensive-care stays (`benchmarks/train_risk.py`; the weights carry their provenance). It ranks stays; it is no probability
for anybody else's patients, and nothing in the product acts on it.
"""

import math
from collections.abc import Mapping
from typing import Literal

import msgspec

from wardstream.contracts.reading import Reading
from wardstream.contracts.vitals import VITALS
from wardstream.scoring.artefact import scorable
from wardstream.scoring.news2 import points

# "basic" knows what a wearable or a bedside monitor without staff knows; "full" also breaths and consciousness.
Name = Literal["basic", "full"]
_ONLY_FULL = ("respiratory_rate_bpm", "gcs")
_RED = 3.0
_GCS_BEST = 15.0
_PLAUSIBLE_AGE = (0.0, 120.0)


class Seen(msgspec.Struct, gc=False):
    """One signal of a stay so far."""

    count: int = 0
    total: float = 0.0
    low: float = math.inf
    high: float = -math.inf
    last: float = 0.0
    scored: float = 0.0
    squares: float = 0.0
    extreme: float = 0.0

    def take(self, value: float, scored: float) -> None:
        """Adds a value and its NEWS2 points."""
        self.count += 1
        self.total += value
        self.low, self.high = min(self.low, value), max(self.high, value)
        self.last = value
        self.scored += scored
        self.squares += value * value
        self.extreme += scored >= _RED


class Stay(msgspec.Struct):
    """What of a stay's readings the risk is made of: a few numbers a signal, whatever its length."""

    signals: dict[str, Seen] = {}

    def take(self, reading: Reading) -> None:
        """Adds a reading; artefacts don't count."""
        for vital, value in scorable(reading):
            self._seen(vital).take(value, points(vital, value))
        if reading.gcs is not None:
            self._seen("gcs").take(float(reading.gcs), 3.0 if reading.gcs < _GCS_BEST else 0.0)

    def _seen(self, signal: str) -> Seen:
        return self.signals.setdefault(signal, Seen())


class Model(msgspec.Struct, frozen=True):
    """Weights of one model: `weights` per feature as (mean, standard deviation, weight); a feature that is absent counts as its mean.

    `knots` says where a feature's slope may bend: `bent` makes a further feature of each.
    """

    intercept: float
    knots: dict[str, tuple[float, ...]]
    weights: dict[str, tuple[float, float, float]]


class Models(msgspec.Struct, frozen=True):
    """The models by name, and where they come from."""

    provenance: str
    models: dict[Name, Model]


def features(stay: Stay, age: float | None) -> dict[str, float]:
    """The features of a stay by name; those of signals never said are absent."""
    found: dict[str, float] = {}
    for signal in (*VITALS, "gcs"):
        seen = stay.signals.get(signal)
        if seen is None or seen.count == 0:
            found[f"{signal}.unsaid"] = 1.0
            continue
        mean = seen.total / seen.count
        found |= {
            f"{signal}.mean": mean,
            f"{signal}.mean2": mean * mean,
            f"{signal}.spread": math.sqrt(max(0.0, seen.squares / seen.count - mean * mean)),
            f"{signal}.red": seen.extreme / seen.count,
            f"{signal}.low": seen.low,
            f"{signal}.high": seen.high,
            f"{signal}.last": seen.last,
            f"{signal}.points": seen.scored / seen.count,
            f"{signal}.unsaid": 0.0,
        }
    heart, systolic = stay.signals.get("heart_rate_bpm"), stay.signals.get("systolic_mmhg")
    if heart is not None and systolic is not None:
        # The shock index, of means and of what was last said.
        found["shock.mean"] = found["heart_rate_bpm.mean"] / found["systolic_mmhg.mean"]
        found["shock.last"] = heart.last / systolic.last
    if age is not None and _PLAUSIBLE_AGE[0] <= age <= _PLAUSIBLE_AGE[1]:
        found |= {"age": age, "age2": age * age}
    return found


def bent(found: Mapping[str, float], knots: Mapping[str, tuple[float, ...]]) -> dict[str, float]:
    """The features, and by how much each lies over each of its knots."""
    over = {
        f"{name}.over{n}": max(0.0, found[name] - knot)
        for name, at in knots.items()
        if name in found
        for n, knot in enumerate(at)
    }
    return dict(found) | over


def belongs(feature: str, name: Name) -> bool:
    """Whether a model of this name may know the feature."""
    return name == "full" or feature.partition(".")[0] not in _ONLY_FULL


def risk(known: Models, stay: Stay, age: float | None) -> float:
    """The risk, 0 to 1, by the model that knows most of what was said."""
    found = features(stay, age)
    is_full = any(signal in stay.signals for signal in _ONLY_FULL)
    return logistic(known.models["full" if is_full else "basic"], found)


def logistic(model: Model, found: Mapping[str, float]) -> float:
    """The model's risk for these features."""
    total, found = model.intercept, bent(found, model.knots)
    for name, (mean, deviation, weight) in model.weights.items():
        value = found.get(name)
        if value is not None:
            total += weight * (value - mean) / deviation
    return 1.0 / (1.0 + math.exp(-total))
