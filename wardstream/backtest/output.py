"""Alarm steps into the rows of `alarms.parquet`: one alarm a row, from raised to cleared. Pure."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from wardstream.contracts.alarm import Alarm
from wardstream.scoring.rhythm import TREND

_INSTANT = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        ("user_id", pa.string()),
        ("kind", pa.string()),
        ("vital", pa.string()),
        ("severity", pa.string()),
        ("raised_at", _INSTANT),
        ("cleared_at", _INSTANT),
        ("score", pa.float64()),
        ("alarm_id", pa.string()),
        ("direction", pa.string()),
        ("onset_at", _INSTANT),
        ("sentence", pa.string()),
    ]
)


def rows(steps: Iterable[Alarm]) -> list[dict[str, Any]]:
    """One row an alarm, by the instant it was raised."""
    found: dict[str, dict[str, Any]] = {}
    for step in steps:
        if step.state != "cleared" and step.alarm_id not in found:
            found[step.alarm_id] = _raised(step)
        elif step.state == "cleared" and step.alarm_id in found:
            # A clock that was set back can clear before it raised.
            found[step.alarm_id]["cleared_at"] = max(step.at_us, found[step.alarm_id]["raised_at"])
    return list(found.values())


def kind_of(step: Alarm) -> str:
    """The kind by the time it takes: what is personal within the hour is told from what is personal over days (page 0010)."""
    return "acute" if step.kind == "personal" and step.vital != TREND else step.kind


def _raised(step: Alarm) -> dict[str, Any]:
    return {
        "user_id": step.user_id,
        "kind": kind_of(step),
        "vital": step.vital,
        "severity": step.priority,
        "raised_at": step.at_us,
        "cleared_at": None,
        "score": max((abs(value) for value in step.explanation.evidence.values()), default=0.0),
        "alarm_id": step.alarm_id,
        "direction": step.direction,
        "onset_at": step.raised_at_us,
        "sentence": step.explanation.sentence,
    }
