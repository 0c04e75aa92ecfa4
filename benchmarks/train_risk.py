"""Trains the risk model of `wardstream.scoring.risk` on recorded stays, judges it by cross-validation by patient, and writes its weights.

    python -m benchmarks.train_risk ../shared/detection/icu.parquet ../shared/detection/icu_labels.csv [--write] [--source "…"]

Needs scikit-learn (extra `dev`); what runs in the product is `risk.py`, which needs nothing.
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from wardstream.backtest.rows import readings
from wardstream.backtest.source import people
from wardstream.scoring import risk
from wardstream.scoring.risk import Model, Models, Name, Stay

WEIGHTS = Path(risk.__file__).with_name("risk_weights.json")
FOLDS = 10
# Ridge penalty: of 0.005, 0.02 and 0.05 the AUROC differs by less than 0.01.
INVERSE_PENALTY = 0.02
QUANTILES = (15, 50, 85)
LEVELS = (".mean", ".low", ".high", ".last")
# A spread below this is a feature that never varies.
LEAST_DEVIATION = 1e-6


class Labelled(NamedTuple):
    """Stays as feature mappings, whether the patient died, and which patient it was."""

    found: list[dict[str, float]]
    died: np.ndarray


def labelled(stays: str, labels: Path) -> Labelled:
    with labels.open(newline="") as lines:
        known = {row["user_id"]: row for row in csv.DictReader(lines)}
    found, died = [], []
    for user_id, table in people(stays):
        stay = Stay()
        for batch in table.to_batches():
            for reading in readings(batch):
                stay.take(reading)
        row = known[user_id]
        found.append(risk.features(stay, float(row["age"]) if row["age"] else None))
        died.append(int(row["died_in_hospital"]))
    return Labelled(found, np.array(died))


def knots_of(found: list[dict[str, float]], name: Name) -> dict[str, tuple[float, ...]]:
    """Where slopes may bend: at fixed quantiles of the levels."""
    everything = sorted({feature for each in found for feature in each})
    levels = [n for n in everything if risk.belongs(n, name) and (n == "age" or n.endswith(LEVELS))]
    return {
        n: tuple(float(knot) for knot in np.percentile([each[n] for each in found if n in each], QUANTILES))
        for n in levels
    }


def fitted(found: list[dict[str, float]], y: np.ndarray, name: Name) -> Model:
    knots = knots_of(found, name)
    found = [risk.bent(each, knots) for each in found]
    names = [n for n in sorted({feature for each in found for feature in each}) if risk.belongs(n, name)]
    x = np.array([[each.get(n, np.nan) for n in names] for each in found])
    mean, deviation = np.nanmean(x, axis=0), np.maximum(np.nanstd(x, axis=0), LEAST_DEVIATION)
    scaled = np.nan_to_num((x - mean) / deviation)
    regression = LogisticRegression(C=INVERSE_PENALTY, max_iter=2000).fit(scaled, y)
    return Model(
        float(regression.intercept_[0]),
        knots,
        {
            name: (float(mean[n]), float(deviation[n]), float(regression.coef_[0][n]))
            for n, name in enumerate(names)
        },
    )


def predicted(model: Model, found: list[dict[str, float]]) -> np.ndarray:
    return np.array([risk.logistic(model, each) for each in found])


def out_of_fold(data: Labelled, name: Name) -> np.ndarray:
    """Every patient's risk by a model that never saw them."""
    risks = np.zeros(len(data.died))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    for train, test in folds.split(risks, data.died):
        model = fitted([data.found[n] for n in train], data.died[train], name)
        risks[test] = predicted(model, [data.found[n] for n in test])
    return risks


def interval(y: np.ndarray, risks: np.ndarray) -> tuple[float, float]:
    """95 % by resampling patients."""
    rng = np.random.default_rng(0)
    drawn: list[float] = []
    while len(drawn) < 1000:
        n = rng.integers(0, len(y), len(y))
        if 0 < y[n].sum() < len(y):
            drawn.append(float(roc_auc_score(y[n], risks[n])))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def judged(data: Labelled) -> Iterator[str]:
    yield f"{len(data.died)} patients, {data.died.sum()} died; {FOLDS}-fold cross-validation by patient; chance 0.500"
    names: tuple[Name, ...] = ("basic", "full")
    for name in names:
        risks = out_of_fold(data, name)
        low, high = interval(data.died, risks)
        what = "vitals + age" if name == "basic" else "with respiratory rate and GCS"
        yield f"{what}: AUROC {roc_auc_score(data.died, risks):.3f} (95 % {low:.3f}-{high:.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stays")
    parser.add_argument("labels", type=Path)
    parser.add_argument("--write", action="store_true", help=f"write {WEIGHTS.name}")
    parser.add_argument("--source", default="", help="where the stays come from, for the weights' provenance")
    asked = parser.parse_args()
    data = labelled(asked.stays, asked.labels)
    lines = list(judged(data))
    print("\n".join(lines))
    if asked.write:
        names: tuple[Name, ...] = ("basic", "full")
        models = {name: fitted(data.found, data.died, name) for name in names}
        provenance = f"{asked.source} Fitted by benchmarks/train_risk.py. {' '.join(lines)}"
        WEIGHTS.write_bytes(msgspec.json.encode(Models(provenance, models)) + b"\n")


if __name__ == "__main__":
    main()
