"""From values to an alarm: outside long enough, raised; danger comes or is over, worse or better; back inside long enough, cleared.

One watch per kind, vital and direction. What people do with an alarm (acknowledge it) is in `lifecycle`.
"""

from typing import Literal, NamedTuple

import msgspec

from wardstream.scoring.patience import SECOND_LOOK_US, Patience

Change = Literal["raised", "worse", "better", "cleared"]
# What may not be raised just now: nothing is held back; what is no danger; everything.
Hush = Literal["nothing", "no_danger", "everything"]
_TWO = 2


class Finding(NamedTuple):
    """What one value says to one watch. Between the limit and the limit less its margin it says neither."""

    is_outside: bool
    is_well_inside: bool
    is_danger: bool = False


class Watch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A run of values outside since `onset_at_us`, or the alarm it has become. No watch: nothing going on.

    `is_danger`: the alarm stands for a danger value, of which there was none since `safer_since_us`.
    """

    onset_id: str
    onset_at_us: int
    readings: int
    is_raised: bool = False
    inside_since_us: int | None = None
    is_danger: bool = False
    safer_since_us: int | None = None

    def outside_for_us(self, at_us: int) -> int:
        """From the onset to `at_us`."""
        return at_us - self.onset_at_us

    def inside_for_us(self, at_us: int) -> int:
        """How long a raised alarm's values have been back inside at `at_us`; 0 if they have not."""
        return 0 if self.inside_since_us is None else at_us - self.inside_since_us


Next = tuple[Watch | None, Change | None]


def step(
    watch: Watch | None,
    finding: Finding | None,
    reading_id: str,
    at_us: int,
    patience: Patience,
    *,
    hush: Hush = "nothing",
) -> Next:
    """The watch after one value that is not late, and what changed. No finding: there is nothing to watch for any more.

    What `hush` holds back goes on as a run, and is raised by the first value after it that is still outside.
    """
    if finding is None:
        return None, "cleared" if watch is not None and watch.is_raised else None
    if watch is not None and watch.is_raised:
        return _while_raised(watch, finding, at_us, patience, hush)
    if not finding.is_outside:
        return None, None
    run = _longer(watch, reading_id, at_us)
    if hush == "everything" or (hush == "no_danger" and not finding.is_danger):
        return run, None
    if finding.is_danger or _is_sustained(run, at_us, patience):
        return msgspec.structs.replace(run, is_raised=True, is_danger=finding.is_danger), "raised"
    return run, None


def _longer(watch: Watch | None, reading_id: str, at_us: int) -> Watch:
    if watch is None:
        return Watch(reading_id, at_us, 1)
    return msgspec.structs.replace(watch, readings=watch.readings + 1)


def _is_sustained(run: Watch, at_us: int, patience: Patience) -> bool:
    lasted_us = run.outside_for_us(at_us)
    if run.readings >= patience.readings and lasted_us >= patience.span_us:
        return True
    return run.readings >= _TWO and lasted_us >= max(SECOND_LOOK_US, patience.span_us)


def _while_raised(watch: Watch, finding: Finding, at_us: int, patience: Patience, hush: Hush) -> Next:
    if finding.is_danger:
        return _in_danger(watch, hush)
    if finding.is_well_inside:
        return _well_inside(watch, at_us, patience)
    outside = watch if watch.inside_since_us is None else msgspec.structs.replace(watch, inside_since_us=None)
    return _out_of_danger(outside, at_us, patience) if watch.is_danger else (outside, None)


def _in_danger(watch: Watch, hush: Hush) -> Next:
    if watch.is_danger or hush == "everything":
        return _outside_again(watch), None
    return msgspec.structs.replace(watch, inside_since_us=None, is_danger=True), "worse"


def _out_of_danger(watch: Watch, at_us: int, patience: Patience) -> Next:
    """Still outside. The priority goes down as late as an alarm clears: a value that swings around the bound is danger."""
    if watch.safer_since_us is None:
        return msgspec.structs.replace(watch, safer_since_us=at_us), None
    if at_us - watch.safer_since_us >= patience.hold_us:
        return msgspec.structs.replace(watch, is_danger=False, safer_since_us=None), "better"
    return watch, None


def _well_inside(watch: Watch, at_us: int, patience: Patience) -> Next:
    if watch.inside_since_us is None:
        safer_since_us = at_us if watch.is_danger and watch.safer_since_us is None else watch.safer_since_us
        return msgspec.structs.replace(watch, inside_since_us=at_us, safer_since_us=safer_since_us), None
    if watch.inside_for_us(at_us) >= patience.hold_us:
        return None, "cleared"
    return watch, None


def _outside_again(watch: Watch) -> Watch:
    if watch.inside_since_us is None and watch.safer_since_us is None:
        return watch
    return msgspec.structs.replace(watch, inside_since_us=None, safer_since_us=None)


def after_clock_was_set_back(watch: Watch) -> Watch | None:
    """What a watch is worth once its times are void: a run starts anew, a raised alarm stays raised."""
    return _outside_again(watch) if watch.is_raised else None
