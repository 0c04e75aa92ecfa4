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
# However far out five minutes are, they count this many steps at most: steady evidence over half an hour, not one burst. A quarter more than usual
# counts in full, and 40 % more still does for somebody whose alarms are as hard as they get.
_MOST_STEPS = 2.5
# But what lies so many steps out, or above the hour before, is no wandering of a resting heart: ten minutes of it are enough.
_FAR_STEPS = 6.5
_FAR_COUNTS = 5.0
THRESHOLD = 7.0
# Evidence fades by this each five-minutes, so that 25 % too fast alarms within 35 min and 15 % never does: that is the days' to tell. A gap says
# nothing; after an hour of it all is gone.
_FADES = 0.95
_GAP_BLOCKS = 12
# Cleared when the evidence was nearly nothing for an hour of five-minutes at rest.
_NEARLY_NOTHING = 0.1 * THRESHOLD
_CALM_BLOCKS = 12
# Each alarm makes the next one harder for this person, up to 1.5 times (40 % too fast then still counts in full), and a month makes up for it: whose heart
# runs off every week without being ill rings once or twice a month. What is dangerous for anybody is not this tier's.
_HARDER = 1.25
_HARDEST = 1.5
_FORGIVEN_WITHIN_BLOCKS = 30 * 288
# A heart that lay below its usual for the last hour (so many blocks) is held against that hour: from 62 bpm to 86 within minutes and without a step is
# as odd where 75 is usual as where 62 is. Who lay above is held against the usual. Three hours later the hour says nothing, and fewer
# blocks than these are none.
_LATELY_BLOCKS = 12
_LATELY_GAP_BLOCKS = 36
_LATELY_ENOUGH = 3
# While evidence is above this share of its threshold, nothing is learned: an illness must not become the usual.
FREEZES_AT = 0.6

# Over days: a day's mean in day spreads, less an allowance. 8 bpm are two to four spreads of the recorded people, and what a CUSUM takes off is best half of
# what it looks for; less than one, as the first day of a change is half a day.
DAY_ALLOWANCE = 0.75
DAY_THRESHOLD = 2.0
_DAY_MOST = 3.0
# Cleared when a quarter is left.
DAY_CLEARS = 0.25 * DAY_THRESHOLD
# No one is known before a week: its weekend is unlike the rest.
DAYS_ENOUGH = 7.0
# Two thirds of an hour at rest or pottering about make a day that counts.
BLOCKS_OF_A_SCORED_DAY = 8
# Further out than this many spreads one five-minutes says no more about its day.
_DAY_CUT_SPREADS = 2.0
# Fewer steps than usual support other evidence and never alarm alone: people have lazy Sundays.
STEPS_AT_MOST = 1.0


class Sustained(msgspec.Struct, array_like=True, gc=False):
    """Evidence over minutes in one vital: the sum, the block it was last added to, for how many it was nearly nothing, whether it alarms.

    `lately` is how far the last hour lay from usual, in the worse direction; `lately_blocks` says on how many blocks that rests.
    """

    total: float = 0.0
    block: int = 0
    calm: int = 0
    is_raised: bool = False
    onset_id: str = ""
    onset_at_us: int = 0
    tolerance: float = 1.0
    lately: float | None = None
    lately_blocks: int = 0


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


def add(known: Sustained, block: int, steps: float, risen: float = 0.0) -> None:
    """Takes one five-minute mean's steps into the sum; `risen` are those above the hour before."""
    gap = block - known.block
    before = known.total * _FADES**gap if 0 < gap <= _GAP_BLOCKS else 0.0
    is_far = max(steps, risen) >= _FAR_STEPS * known.tolerance
    counted = _FAR_COUNTS if is_far else min(steps / known.tolerance, _MOST_STEPS)
    known.total = max(0.0, before + counted - ALLOWANCE)
    if gap > 0 and known.tolerance > 1.0:
        known.tolerance = 1.0 + (known.tolerance - 1.0) * math.exp(-gap / _FORGIVEN_WITHIN_BLOCKS)
    known.block = block
    known.calm = known.calm + 1 if known.total <= _NEARLY_NOTHING else 0


def add_beside_hour(known: Sustained, block: int, excess: float, step: float, plain: float) -> None:
    """The same of an `excess` in the worse direction, held against the hour before too; `plain` is a step of somebody who is known."""
    gap, before = block - known.block, lately(known, block)
    if before is None:
        add(known, block, excess / step)
    else:
        add(known, block, (excess - min(0.0, before)) / step, (excess - before) / plain)
    remember(known, gap, excess)


def lately(known: Sustained, block: int) -> float | None:
    """How far from usual (in the worse direction) the hour before `block` lay; None if too little is known of it."""
    gap = block - known.block
    if known.lately is None or not 0 < gap <= _LATELY_GAP_BLOCKS or known.lately_blocks < _LATELY_ENOUGH:
        return None
    return known.lately * math.exp(-gap / _LATELY_BLOCKS)


def hour_before(known: Sustained) -> float:
    """How far from usual the hour before the evidence began lay; 0 if that isn't known."""
    return 0.0 if known.lately is None or known.lately_blocks < _LATELY_ENOUGH else known.lately


def remember(known: Sustained, gap: int, excess: float) -> None:
    """Takes a five-minute mean, `gap` blocks after the one before, into the last hour; a rise stays out of it, however long it lasts."""
    if known.lately is None or not 0 < gap <= _LATELY_GAP_BLOCKS:
        known.lately, known.lately_blocks = excess, 1
    elif known.total <= _NEARLY_NOTHING or known.lately_blocks < _LATELY_ENOUGH:
        known.lately_blocks = min(known.lately_blocks + 1, _LATELY_BLOCKS)
        known.lately += (excess - known.lately) / known.lately_blocks


def retold(known: Sustained, lower: float | None) -> None:
    """Tells the hour before from another usual, `lower` by so much in the worse direction; None: there is none to tell it from."""
    if known.lately is None or lower is None:
        known.lately, known.lately_blocks = None, 0
    else:
        known.lately += lower


def calmed(known: Sustained) -> Sustained:
    """The evidence after its alarm is over: none, of the same person."""
    return Sustained(
        block=known.block,
        tolerance=known.tolerance,
        lately=known.lately,
        lately_blocks=known.lately_blocks,
    )


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
    begin_day(day)


def begin_day(day: Day) -> None:
    """Begins a day: nothing is known of it yet."""
    day.excess = day.count = 0.0


def fused(totals: dict[str, float]) -> float:
    """The evidence of all signals together: the root of the sum of squares, so that many small ones don't add up to an alarm."""
    return math.sqrt(sum(total * total for total in totals.values()))
