"""Evidence: decaying sums of how far a vital lies from what is usual (Page's CUSUM), over minutes for one vital, over days for all together.

A sum goes up with what exceeds an allowance and down with what doesn't, so that one odd value fades and a lasting change adds up. The
thresholds were chosen once, by the alarm budget (`docs/scoring.md`), and are the same for everybody.
"""

import math

import msgspec

from wardstream.contracts.anomaly import Direction
from wardstream.contracts.vitals import Vital

# Which way a vital goes when somebody falls ill. The other way is the clinical tier's and the sudden tier's.
WORSE: dict[Vital, Direction] = {
    "heart_rate_bpm": "high",
    "respiratory_rate_bpm": "high",
    "temperature_c": "high",
    "spo2_pct": "low",
    "systolic_mmhg": "low",
}

# One step is a tenth of the expected heart rate: on the recorded people it separates better than their own spread alone, which
# is that of their habits as much as of their heart. Other vitals step by their spread.
_HEART_STEP = 0.1
# What is usual goes unnoticed: this many steps are taken off each five-minutes before they are added.
ALLOWANCE = 1.3
# However far out five minutes are, they count this many steps at most: an hour of steady evidence, not one burst.
_MOST_STEPS = 3.0
THRESHOLD = 8.0
# Evidence fades by this each five-minutes, so that 40 % too fast alarms within 35 min and 15 % never does: that is the days' to tell. A gap says
# nothing; after an hour of it all is gone.
_FADES = 0.93
_GAP_BLOCKS = 12
# Cleared when the evidence was nearly nothing for an hour of five-minutes at rest.
_NEARLY_NOTHING = 0.1 * THRESHOLD
_CALM_BLOCKS = 12
# Each alarm makes the next one harder for this person, up to 1.6 times, and a month makes up for it: whose heart runs off every week without being ill
# rings once or twice a month. What is dangerous for anybody is not this tier's.
_HARDER = 1.2
_HARDEST = 1.6
_FORGIVEN_WITHIN_BLOCKS = 30 * 288
# While evidence is above this share of its threshold, nothing is learned: an illness must not become the usual.
FREEZES_AT = 0.6

# Over days: a day's mean in day spreads, less an allowance. 8 bpm are two to four spreads of the recorded people.
DAY_ALLOWANCE = 0.5
DAY_THRESHOLD = 2.5
_DAY_MOST = 3.0
# Cleared when a quarter is left.
DAY_CLEARS = 0.25 * DAY_THRESHOLD
# No one is known after fewer days.
DAYS_ENOUGH = 4.0
# Two thirds of an hour at rest or pottering about make a day that counts.
BLOCKS_OF_A_SCORED_DAY = 8
# Further out than this many spreads one five-minutes says no more about its day.
_DAY_CUT_SPREADS = 2.0
# Fewer steps than usual support other evidence and never alarm alone: people have lazy Sundays.
STEPS_AT_MOST = 1.0


class Sustained(msgspec.Struct, array_like=True, gc=False):
    """Evidence over minutes in one vital: the sum, the block it was last added to, for how many it was nearly nothing, whether it alarms."""

    total: float = 0.0
    block: int = 0
    calm: int = 0
    is_raised: bool = False
    onset_id: str = ""
    onset_at_us: int = 0
    tolerance: float = 1.0


class Day(msgspec.Struct, array_like=True, gc=False):
    """One signal's day so far, and its evidence over the days before."""

    excess: float = 0.0
    count: float = 0.0
    total: float = 0.0


def toward(vital: Vital, excess: float) -> float:
    """`excess` counted in the worse direction."""
    return excess if WORSE[vital] == "high" else -excess


def step_of(vital: Vital, expected: float, spread: float, unknown: float) -> float:
    """How large one step of evidence is; the larger the less the person is known (`unknown`, a variance)."""
    if vital != "heart_rate_bpm":
        return spread
    return max(math.hypot(_HEART_STEP * expected, math.sqrt(unknown)), spread)


def add(known: Sustained, block: int, steps: float) -> None:
    """Takes one five-minute mean's steps into the sum."""
    gap = block - known.block
    before = known.total * _FADES**gap if 0 < gap <= _GAP_BLOCKS else 0.0
    known.total = max(0.0, before + min(steps / known.tolerance, _MOST_STEPS) - ALLOWANCE)
    if gap > 0 and known.tolerance > 1.0:
        known.tolerance = 1.0 + (known.tolerance - 1.0) * math.exp(-gap / _FORGIVEN_WITHIN_BLOCKS)
    known.block = block
    known.calm = known.calm + 1 if known.total <= _NEARLY_NOTHING else 0


def after_alarm(known: Sustained) -> None:
    """Makes the next alarm harder."""
    known.tolerance = min(_HARDEST, known.tolerance * _HARDER)


def is_over(known: Sustained) -> bool:
    """Whether an alarm that stands is over."""
    return known.calm >= _CALM_BLOCKS


def is_calm(known: Sustained | None) -> bool:
    """Whether there is so little evidence that one may learn."""
    return known is None or (not known.is_raised and known.total < FREEZES_AT * THRESHOLD)


def add_to_day(day: Day, excess: float, spread: float) -> None:
    """Takes five minutes' excess in the worse direction into the day."""
    reach = _DAY_CUT_SPREADS * spread
    day.excess += max(-reach, min(reach, excess))
    day.count += 1.0


def close_day(day: Day, deviation: float | None) -> None:
    """Ends a signal's day with its deviation in day spreads (None: too little was said) and begins the next."""
    if deviation is not None:
        day.total = max(0.0, day.total + max(-_DAY_MOST, min(_DAY_MOST, deviation)) - DAY_ALLOWANCE)
    day.excess = day.count = 0.0


def fused(totals: dict[str, float]) -> float:
    """The evidence of all signals together: the root of the sum of squares, so that many small ones don't add up to an alarm."""
    return math.sqrt(sum(total * total for total in totals.values()))
