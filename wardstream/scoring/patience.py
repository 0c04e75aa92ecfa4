"""Patience: how long a value must stay outside before it alarms, and how long back inside before the alarm clears.

The median alarm of an intensive-care monitor lasts 17 s; a delay of 19 s would have removed 67 % of those that nobody
acted upon (Görges, Markewitz, Westenskow, Anesth Analg 2009;108:1546-52). Values that are dangerous at once wait for
nothing (`limits.DANGER`).
"""

from typing import NamedTuple

from wardstream.contracts.anomaly import Direction
from wardstream.contracts.vitals import Vital

_S_US = 1_000_000
# A cuff, or a nurse with a thermometer, measures every few minutes or hours: the second look confirms the first.
SECOND_LOOK_US = 5 * 60 * _S_US


class Patience(NamedTuple):
    """Raise after `readings` in a row outside that span `span_us`, or two that lie `SECOND_LOOK_US` (and that span) apart.

    Clear after two or more readings in a row that span `hold_us` and lie inside the limit by `margin` (unit of the vital).
    """

    readings: int
    span_us: int
    margin: float
    hold_us: int


def _after(readings: int, span_s: int, *, margin: float, hold_s: int) -> Patience:
    return Patience(readings, span_s * _S_US, margin, hold_s * _S_US)


CLINICAL: dict[tuple[Vital, Direction], Patience] = {
    # A pause of the heart is seen within seconds; a fast one at rest may be a turn in bed.
    ("heart_rate_bpm", "low"): _after(2, 10, margin=5, hold_s=30),
    ("heart_rate_bpm", "high"): _after(3, 30, margin=5, hold_s=30),
    # Fingers move and warm up: a minute well above the limit ends a desaturation, one good reading doesn't.
    ("spo2_pct", "low"): _after(3, 20, margin=2, hold_s=60),
    ("spo2_pct", "high"): _after(3, 20, margin=2, hold_s=60),
    # Half a minute holds four breaths at 8 a minute: fewer can't be counted.
    ("respiratory_rate_bpm", "low"): _after(3, 30, margin=2, hold_s=30),
    ("respiratory_rate_bpm", "high"): _after(3, 30, margin=2, hold_s=30),
    ("temperature_c", "low"): _after(3, 30, margin=0.3, hold_s=60),
    ("temperature_c", "high"): _after(3, 30, margin=0.3, hold_s=60),
    ("systolic_mmhg", "low"): _after(3, 10, margin=5, hold_s=30),
    ("systolic_mmhg", "high"): _after(3, 10, margin=5, hold_s=30),
    ("diastolic_mmhg", "low"): _after(3, 10, margin=5, hold_s=30),
    ("diastolic_mmhg", "high"): _after(3, 10, margin=5, hold_s=30),
}

# Who wears a step counter walks about, cycles and climbs, and no step tells of a bicycle: there a heart rate counts as fast at rest when it has been
# for ten minutes (201 days of six people: 22 clinical alarms with 30 s, 9 with ten minutes). What is beyond effort alarms at once, and
# what is far from the person's own usual within two minutes.
FAST_WHILE_ABOUT = _after(3, 600, margin=5, hold_s=600)

# Unusual is not yet dangerous, so it may take two minutes; the margin is in spreads here. A morning that comes and goes is one alarm, not three: it is
# over after half an hour as usual.
PERSONAL = _after(5, 120, margin=1.0, hold_s=1800)

# The aggregate is looked at whenever five minutes of some vital begin: it must be there twice, two minutes apart.
NEWS2 = _after(2, 120, margin=0, hold_s=300)
