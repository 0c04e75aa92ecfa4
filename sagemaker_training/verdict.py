"""What the judge finds of a candidate beside what is in force, and which of the two is better. Pure."""

from typing import Literal

import msgspec

Reason = Literal[
    "fewer false alarms",
    "finds more",
    "as good, on more evidence",
    "no better",
    "more false alarms",
    "finds less",
]

# As good on half as many days again is better: it will hold longer.
_MORE_DAYS = 1.5


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """How one model did on held-out days: `false_alarms` episodes raised while all was well, `found` of `planted` shifts.

    `days` is the evidence that the model rests on, of its best-known vital.
    """

    false_alarms: int
    found: int
    planted: int
    days: float


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate's trial, that of what was in force (`current_version`; 0: nothing), and the judgement."""

    reason: Reason
    candidate: Trial
    current: Trial
    current_version: int = 0

    @property
    def is_better(self) -> bool:
        """Whether the candidate should be in force."""
        return self.reason in ("fewer false alarms", "finds more", "as good, on more evidence")


def verdict(candidate: Trial, current: Trial, current_version: int) -> Verdict:
    """Better is who is worse in nothing and better in something; fewer false alarms must not be bought with blindness."""
    return Verdict(
        reason=_reason(candidate, current),
        candidate=candidate,
        current=current,
        current_version=current_version,
    )


def _reason(candidate: Trial, current: Trial) -> Reason:
    if candidate.false_alarms > current.false_alarms:
        return "more false alarms"
    if candidate.found < current.found:
        return "finds less"
    if candidate.false_alarms < current.false_alarms:
        return "fewer false alarms"
    if candidate.found > current.found:
        return "finds more"
    return (
        "as good, on more evidence" if candidate.days >= _MORE_DAYS * max(current.days, 1.0) else "no better"
    )
