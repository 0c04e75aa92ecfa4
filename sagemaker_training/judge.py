"""The judge: a candidate and what is in force live through the same held-out days, by the product's own scorer. Pure.

Two questions: how often would somebody have been called for nothing, and is a change still seen? The second one is asked by
planting changes that harm into the person's own readings. A model that is blind raises no false alarm either.
"""

from collections.abc import Iterable, Sequence

import msgspec

from sagemaker_training.verdict import Trial, Verdict, verdict
from wardstream.contracts.reading import Reading
from wardstream.contracts.user_model import UserModel
from wardstream.contracts.vitals import Vital
from wardstream.scoring.limits import DEFAULTS, Limits
from wardstream.scoring.scorer import score, take_model
from wardstream.scoring.state import PatientState

Interval = tuple[int, int]

_HOUR_US = 3_600_000_000
# Two alarms closer than this are one episode: somebody was called once.
_ONE_EPISODE_US = 6 * _HOUR_US
# A change is planted after as long as everybody's prior needs to know a person a little.
_SETTLING_US = 6 * _HOUR_US
# What is planted, each by itself from then on: the vital, and how far it moves. The lasting shift of
# heart rate, twice and three times as much; a fever; a mild want of oxygen; fast breath.
PLANTED: tuple[tuple[Vital, float], ...] = (
    ("heart_rate_bpm", 8.0),
    ("heart_rate_bpm", 16.0),
    ("heart_rate_bpm", 24.0),
    ("temperature_c", 1.2),
    ("spo2_pct", -4.0),
    ("respiratory_rate_bpm", 6.0),
)


def judged(
    candidate: UserModel,
    current: UserModel | None,
    readings: Sequence[Reading],
    trouble: Sequence[Interval],
    limits: Limits = DEFAULTS,
) -> Verdict:
    """Which of the two is better on one person's held-out `readings`, in the order of their arrival.

    Alarms within `trouble` are no false ones: something was wrong then. `current` None: everybody's prior is in force.
    """
    planted = _planted(readings)
    return verdict(
        _tried(candidate, readings, planted, trouble, limits),
        _tried(current, readings, planted, trouble, limits),
        current.version if current else 0,
    )


def _tried(
    model: UserModel | None,
    readings: Sequence[Reading],
    planted: Sequence[Sequence[Reading]],
    trouble: Sequence[Interval],
    limits: Limits,
) -> Trial:
    raised = _alarms(model, readings, limits)
    false_alarms = _episodes(at_us for at_us in raised if not _is_within(at_us, trouble))
    # An alarm that stood or came anyway has not found what was planted.
    found = sum(_episodes(_alarms(model, changed, limits)) > _episodes(raised) for changed in planted)
    days = max((usual.days for usual in model.usual.values()), default=0.0) if model else 0.0
    return Trial(false_alarms=false_alarms, found=found, planted=len(planted), days=days)


def _alarms(model: UserModel | None, readings: Sequence[Reading], limits: Limits) -> list[int]:
    """When personal alarms would have been raised. The clinical tier knows no model: it would be the same for all."""
    state = PatientState()
    if model is not None:
        take_model(state, model)
    return [
        alarm.at_us
        for reading in readings
        for alarm in score(state, reading, limits).alarms
        if alarm.kind == "personal" and alarm.state == "active"
    ]


def _episodes(raised_us: Iterable[int]) -> int:
    count, last_us = 0, None
    for at_us in sorted(raised_us):
        count += last_us is None or at_us - last_us > _ONE_EPISODE_US
        last_us = at_us
    return count


def _settled_us(readings: Sequence[Reading]) -> int:
    return min((each.measured_at_us for each in readings), default=0) + _SETTLING_US


def _is_within(at_us: int, intervals: Iterable[Interval]) -> bool:
    return any(begin <= at_us < end for begin, end in intervals)


def _planted(readings: Sequence[Reading]) -> list[list[Reading]]:
    """The readings once for each change that can be planted in the vitals they have."""
    begins_us = _settled_us(readings)
    said = {vital for vital, _ in PLANTED if any(getattr(each, vital) is not None for each in readings)}
    return [
        [_moved(each, vital, change) if each.measured_at_us >= begins_us else each for each in readings]
        for vital, change in PLANTED
        if vital in said
    ]


def _moved(reading: Reading, vital: Vital, change: float) -> Reading:
    value = getattr(reading, vital)
    return reading if value is None else msgspec.structs.replace(reading, **{vital: value + change})
