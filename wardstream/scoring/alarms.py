"""The life of an alarm: outside long enough, raised; back inside long enough, cleared. One watch per kind, vital and direction."""

from typing import Literal, NamedTuple

import msgspec

from wardstream.scoring.patience import SECOND_LOOK_US, Patience

Change = Literal["raised", "cleared"]
_TWO = 2


class Finding(NamedTuple):
    """What one value says to one watch. Between the limit and the limit less its margin it says neither."""

    is_outside: bool
    is_well_inside: bool
    is_danger: bool = False


class Watch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A run of values outside since `onset_at_us`, or the alarm it has become. No watch: nothing going on."""

    onset_id: str
    onset_at_us: int
    readings: int
    is_raised: bool = False
    inside_since_us: int | None = None

    def outside_for_us(self, at_us: int) -> int:
        """From the onset to `at_us`."""
        return at_us - self.onset_at_us

    def inside_for_us(self, at_us: int) -> int:
        """How long a raised alarm's values have been back inside at `at_us`; 0 if they have not."""
        return 0 if self.inside_since_us is None else at_us - self.inside_since_us


Next = tuple[Watch | None, Change | None]


def step(
    watch: Watch | None, finding: Finding | None, reading_id: str, at_us: int, patience: Patience
) -> Next:
    """The watch after one value that is not late, and what changed. No finding: there is nothing to watch for any more."""
    if finding is None:
        return None, "cleared" if watch is not None and watch.is_raised else None
    if watch is not None and watch.is_raised:
        return _while_raised(watch, finding, at_us, patience)
    if not finding.is_outside:
        return None, None
    run = _longer(watch, reading_id, at_us)
    if finding.is_danger or _is_sustained(run, at_us, patience):
        return msgspec.structs.replace(run, is_raised=True), "raised"
    return run, None


def _longer(watch: Watch | None, reading_id: str, at_us: int) -> Watch:
    if watch is None:
        return Watch(reading_id, at_us, 1)
    return msgspec.structs.replace(watch, readings=watch.readings + 1)


def _is_sustained(run: Watch, at_us: int, patience: Patience) -> bool:
    lasted_us = run.outside_for_us(at_us)
    if run.readings >= patience.readings and lasted_us >= patience.span_us:
        return True
    return run.readings >= _TWO and lasted_us >= SECOND_LOOK_US


def _while_raised(watch: Watch, finding: Finding, at_us: int, patience: Patience) -> Next:
    if not finding.is_well_inside:
        return (watch if watch.inside_since_us is None else _outside_again(watch)), None
    if watch.inside_since_us is None:
        return msgspec.structs.replace(watch, inside_since_us=at_us), None
    if watch.inside_for_us(at_us) >= patience.hold_us:
        return None, "cleared"
    return watch, None


def _outside_again(watch: Watch) -> Watch:
    return msgspec.structs.replace(watch, inside_since_us=None)


def after_clock_was_set_back(watch: Watch) -> Watch | None:
    """What a watch is worth once its times are void: a run starts anew, a raised alarm stays raised."""
    return _outside_again(watch) if watch.is_raised else None
