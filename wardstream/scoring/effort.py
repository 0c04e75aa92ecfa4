"""Effort: how much somebody moved in the last minutes, as one number that leaks away. What heart rate is compared with depends on it."""

from typing import Literal

import msgspec

from wardstream.contracts.reading import Reading

_MINUTE_US = 60_000_000
# The heart comes down from effort within minutes; after a walk of ten minutes at 105 steps a minute, 28 min pass until REST_STEPS.
_LEAKS_WITHIN_US = 6 * _MINUTE_US
# Fewer steps than this, leaked: at rest. A step or two of a fidgeting wrist doesn't end a rest.
REST_STEPS = 6.0
# Up to this, somebody pottered about; beyond, they walk or ran, and heart rate says more of that than of them.
LIGHT_STEPS = 150.0
# A step counter that was heard of and then says nothing for longer than this may be off the wrist: neither rest nor effort is known.
_FRESH_US = 5 * _MINUTE_US

# "unknown" teaches nothing and is no evidence; for the clinical tier it is `context` that decides.
Level = Literal["rest", "light", "heavy", "unknown"]


class Effort(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Steps leaked until `at_us`, when a step counter last spoke."""

    at_us: int
    steps: float


def moved_on(known: Effort | None, reading: Reading) -> Effort | None:
    """The effort after a reading that speaks of steps, also of none; a late one changes nothing."""
    steps = reading.steps_per_min
    if steps is None:
        return known
    at_us = reading.measured_at_us
    if known is None:
        return Effort(at_us, steps)
    since_us = at_us - known.at_us
    if since_us < 0:
        return known
    # Steps are said per minute: who says them every quarter of a minute says each step four times.
    share = 1.0 if since_us >= _MINUTE_US else since_us / _MINUTE_US
    return Effort(at_us, _leaked(known.steps, since_us) + steps * share)


def level(known: Effort | None, at_us: int) -> Level:
    """What somebody did lately. Who wears no step counter counts as at rest: nothing better is known."""
    if known is None:
        return "rest"
    since_us = at_us - known.at_us
    if not -_FRESH_US <= since_us <= _FRESH_US:
        return "unknown"
    steps = _leaked(known.steps, since_us) if since_us > 0 else known.steps
    if steps < REST_STEPS:
        return "rest"
    return "light" if steps < LIGHT_STEPS else "heavy"


def leaked_until(known: Effort, at_us: int) -> float:
    """What is left of the steps at `at_us`."""
    return _leaked(known.steps, max(0, at_us - known.at_us))


def _leaked(steps: float, since_us: int) -> float:
    # A rational stand-in for exp(-t): within 1 % up to one, above it behind, and no call.
    x = since_us / _LEAKS_WITHIN_US
    return steps / (1.0 + x * (1.0 + x * (0.5 + x * 0.1666667)))
