"""Which metrics and labels a PromQL expression names, and which there are."""

import re
from typing import NamedTuple

from prometheus_client import Counter, Gauge, Histogram

from wardstream.runtime import metrics

# Given by Prometheus to what it scrapes, and to histograms.
OF_PROMETHEUS = frozenset({"job", "instance", "le"})
_METRIC = re.compile(r"\bwardstream_\w+")
_SELECTED = re.compile(r"\{([^{}]*)\}")
_MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_GROUPED = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^()]*)\)")
_SHOWN = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class Named(NamedTuple):
    """What an expression speaks of."""

    metrics: frozenset[str]
    labels: frozenset[str]


def named(expression: str, legend: str = "") -> Named:
    """Metrics of ours, and labels, of a query and of its lines' names."""
    matched = [label for part in _SELECTED.findall(expression) for label in _MATCHER.findall(part)]
    grouped = [label.strip() for part in _GROUPED.findall(expression) for label in part.split(",")]
    labels = {*matched, *grouped, *_SHOWN.findall(legend)} - {""}
    return Named(frozenset(_METRIC.findall(expression)), frozenset(labels))


def declared() -> dict[str, frozenset[str]]:
    """Each series' name that `runtime/metrics.py` leads to, with its labels."""
    found: dict[str, frozenset[str]] = {}
    for metric in vars(metrics).values():
        if isinstance(metric, Counter | Gauge | Histogram):
            labels = frozenset(metric._labelnames)
            found |= dict.fromkeys(_series(metric), labels)
    return found


def _series(metric: Counter | Gauge | Histogram) -> list[str]:
    if isinstance(metric, Counter):
        return [f"{metric._name}_total"]
    if isinstance(metric, Histogram):
        return [f"{metric._name}_{end}" for end in ("bucket", "sum", "count")]
    return [metric._name]


def faults(expression: str, legend: str = "") -> list[str]:
    """Metrics that nobody declares, and labels that none of the expression's metrics has."""
    known = declared()
    said = named(expression, legend)
    unknown = sorted(said.metrics - known.keys())
    labels = frozenset().union(*(known[name] for name in said.metrics & known.keys()))
    return [*unknown, *(f"label {label}" for label in sorted(said.labels - labels - OF_PROMETHEUS))]
