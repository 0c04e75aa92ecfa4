"""Why an alarm was raised or cleared, in values that can be checked and in one plain sentence."""

from typing import NamedTuple

import msgspec

from wardstream.contracts.alarm import AlarmKind, Explanation
from wardstream.contracts.anomaly import Direction
from wardstream.contracts.vitals import Vital
from wardstream.scoring import words
from wardstream.scoring.alarms import Change
from wardstream.scoring.baseline import Baseline, deviation, usual_range
from wardstream.scoring.effort import Level
from wardstream.scoring.habit import Habit
from wardstream.scoring.limits import Bound


class Sighting(NamedTuple):
    """One value that is judged: of which reading, in which context, against which baseline (as it was before).

    `is_resting` is the clinical tier's, `effort` the personal one's, `lowest_bpm` of `PatientState`. `has_model`: the personal tier runs, and `habit`
    is what `baseline` was taken from. `is_about`: they wear a step counter.
    """

    reading_id: str
    measured_at_us: int
    vital: Vital
    value: float
    is_resting: bool
    baseline: Baseline | None
    model_version: int
    effort: Level = "rest"
    has_model: bool = True
    is_about: bool = False
    lowest_bpm: float | None = None
    habit: Habit | None = None


def clinical(
    sight: Sighting, direction: Direction, change: Change, bound: Bound, lasted_us: int
) -> Explanation:
    """A clinical alarm's explanation: the limit and its source. `lasted_us`: outside (raised) or back inside (cleared)."""
    limit, lasted = _amount(sight, bound.value), words.duration(lasted_us)
    if change == "cleared":
        sentence = f"{_said(sight)}: back inside the alarm limit of {limit} for {lasted}."
    elif change == "better":
        sentence = f"{_said(sight)}: no danger value any more, still outside the alarm limit of {limit} ({bound.source})."
    elif lasted_us <= 0 or change == "worse":
        side = "below" if direction == "low" else "above"
        sentence = f"{_said(sight)}; {limit} or {side} alarms at once ({bound.source})."
    else:
        rest = (
            " at rest" if sight.vital == "heart_rate_bpm" and direction == "high" and sight.is_resting else ""
        )
        sentence = f"{_said(sight)}{rest} for {lasted}; alarm limit is {limit} ({bound.source})."
    return msgspec.structs.replace(_plain(sight, sentence), limit=bound.value, source=bound.source)


def personal(sight: Sighting, baseline: Baseline, change: Change, lasted_us: int) -> Explanation:
    """A personal alarm's explanation: this person's usual range and how far outside the value is."""
    low, high = usual_range(baseline, sight.vital)
    usual, lasted = words.span(sight.vital, low, high), words.duration(lasted_us)
    spreads = deviation(baseline, sight.vital, sight.value)
    if change == "cleared":
        sentence = f"{_said(sight)}: back near this person's usual {usual} for {lasted}."
    else:
        far = f"{words.number(abs(spreads))} spreads {'above' if spreads > 0 else 'below'} this person's mean"
        sentence = f"{_said(sight)} is {far} and has been far off for {lasted}; usual is {usual}."
    return msgspec.structs.replace(_plain(sight, sentence), usual_low=low, usual_high=high)


def unfounded(sight: Sighting, kind: AlarmKind) -> Explanation:
    """Why an alarm ends whose measure is gone: a limit taken away, a personal model forgotten."""
    why = (
        "no alarm limit applies any more"
        if kind == "clinical"
        else "what is usual for this person is no longer known"
    )
    return _plain(sight, f"{_said(sight)}: {why}.")


def _plain(sight: Sighting, sentence: str) -> Explanation:
    known = sight.baseline
    return Explanation(
        reading_id=sight.reading_id,
        measured_at_us=sight.measured_at_us,
        value=sight.value,
        sentence=sentence,
        evidence={} if known is None else {sight.vital: deviation(known, sight.vital, sight.value)},
        readings_used=0 if known is None else known.readings,
        model_version=sight.model_version,
    )


def _said(sight: Sighting) -> str:
    return f"{words.NAMES[sight.vital]} {_amount(sight, sight.value)}"


def _amount(sight: Sighting, value: float) -> str:
    return words.amount(sight.vital, value)
