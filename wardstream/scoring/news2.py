"""The aggregate NEWS2 of whatever vitals are present: Royal College of Physicians, National Early Warning Score (NEWS) 2, London 2017, chart 1.

Consciousness counts where `gcs` was said; supplemental oxygen is not known and counts as none, so the score is a lower bound.
"""

from collections.abc import Mapping

from wardstream.contracts.vitals import Vital

# Aggregate of 5 or more: urgent response; of 7 or more: emergency response (chart 2).
URGENT = 5
EMERGENCY = 7
# An alarm clears when the score has come down to this.
WELL = 3

# (up to and including, points), ascending; the last is everything above.
_BANDS: dict[Vital, tuple[tuple[float, int], ...]] = {
    "respiratory_rate_bpm": ((8, 3), (11, 1), (20, 0), (24, 2), (float("inf"), 3)),
    "spo2_pct": ((91, 3), (93, 2), (95, 1), (float("inf"), 0)),
    "systolic_mmhg": ((90, 3), (100, 2), (110, 1), (219, 0), (float("inf"), 3)),
    "heart_rate_bpm": ((40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (float("inf"), 3)),
    "temperature_c": ((35.0, 3), (36.0, 1), (38.0, 0), (39.0, 1), (float("inf"), 2)),
}
_ALERT_GCS = 15


def points(vital: Vital, value: float) -> int:
    """The points of one vital; 0 for one that NEWS2 doesn't know. Values between two printed bands belong to the higher points' side."""
    value = round(value, 1) if vital == "temperature_c" else float(round(value))
    for up_to, scored in _BANDS.get(vital, ()):
        if value <= up_to:
            return scored
    return 0


def aggregate(values: Mapping[Vital, float], gcs: int | None = None) -> int:
    """The sum over the vitals present."""
    total = sum(points(vital, value) for vital, value in values.items())
    return total + (3 if gcs is not None and gcs < _ALERT_GCS else 0)
