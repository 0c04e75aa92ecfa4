"""The vital signs: their names (unit included) and the values a sensor can mean.

Accepted ranges are wide on purpose: they refuse what cannot be a measurement (heart rate -5), not what is
dangerous or odd. What is odd is an anomaly and kept; what is dangerous is an alarm.
"""

from typing import Annotated, Literal, NamedTuple, get_args

from msgspec import Meta

HeartRate = Annotated[float, Meta(ge=0, le=350)]
SpO2 = Annotated[float, Meta(ge=0, le=150)]
Temperature = Annotated[float, Meta(ge=10, le=50)]
Systolic = Annotated[float, Meta(ge=0, le=350)]
Diastolic = Annotated[float, Meta(ge=0, le=250)]
RespiratoryRate = Annotated[float, Meta(ge=0, le=150)]
StepsPerMinute = Annotated[float, Meta(ge=0, le=400)]
Battery = Annotated[float, Meta(ge=0, le=100)]
ComaScale = Annotated[int, Meta(ge=3, le=15)]

Vital = Literal[
    "heart_rate_bpm",
    "spo2_pct",
    "temperature_c",
    "systolic_mmhg",
    "diastolic_mmhg",
    "respiratory_rate_bpm",
]
VITALS: tuple[Vital, ...] = get_args(Vital)

# Over 100 % no saturation exists: such a value is kept, marked, and never scored against a person.
SPO2_CEILING_PCT = 100.0


class Accepted(NamedTuple):
    """The closed interval of values kept; outside, the message is rejected with reason `range`."""

    low: float
    high: float


def _accepted(annotated: object) -> Accepted:
    meta = get_args(annotated)[1]
    return Accepted(meta.ge, meta.le)


ACCEPTED: dict[str, Accepted] = {
    "heart_rate_bpm": _accepted(HeartRate),
    "spo2_pct": _accepted(SpO2),
    "temperature_c": _accepted(Temperature),
    "systolic_mmhg": _accepted(Systolic),
    "diastolic_mmhg": _accepted(Diastolic),
    "respiratory_rate_bpm": _accepted(RespiratoryRate),
    "steps_per_min": _accepted(StepsPerMinute),
    "battery_pct": _accepted(Battery),
    "gcs": _accepted(ComaScale),
}
