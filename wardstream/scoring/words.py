"""Plain words for vitals, values and durations."""

from wardstream.contracts.vitals import Vital

_S_US = 1_000_000
_TWO_MINUTES_S = 120
_TWO_HOURS_S = 7200

NAMES: dict[Vital, str] = {
    "heart_rate_bpm": "Heart rate",
    "spo2_pct": "Oxygen saturation",
    "temperature_c": "Temperature",
    "systolic_mmhg": "Systolic blood pressure",
    "diastolic_mmhg": "Diastolic blood pressure",
    "respiratory_rate_bpm": "Respiratory rate",
}
_UNITS: dict[Vital, str] = {
    "heart_rate_bpm": "bpm",
    "spo2_pct": "%",
    "temperature_c": "°C",
    "systolic_mmhg": "mmHg",
    "diastolic_mmhg": "mmHg",
    "respiratory_rate_bpm": "breaths/min",
}


def number(value: float) -> str:
    """At most one decimal, and none where it says nothing: 142, 34.6."""
    return f"{round(value, 1):g}"


def amount(vital: Vital, value: float) -> str:
    """A value with its unit: 142 bpm."""
    return f"{number(value)} {_UNITS[vital]}"


def span(vital: Vital, low: float, high: float) -> str:
    """A range with its unit: 58 to 74 bpm. Whole numbers, except for temperature."""
    digits = 1 if vital == "temperature_c" else 0
    return f"{round(low, digits):g} to {round(high, digits):g} {_UNITS[vital]}"


def duration(duration_us: int) -> str:
    """60 s, 5 min, 3 h: the largest unit of which there are at least two."""
    seconds = duration_us // _S_US
    if seconds < _TWO_MINUTES_S:
        return f"{seconds} s"
    if seconds < _TWO_HOURS_S:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h"
