"""What people tell the scorer: limits of one person, acknowledgements, snoozes, maintenance windows, or to forget somebody.

The value of topic `alarm-actions`, key `user_id`. Three versions are read for ever: 1 is `SetLimits`, 2 is `Action`, which
says who did what and when, under an id that makes saying it twice the same as saying it once, 3 is `Forget`.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from wardstream.contracts.anomaly import Direction
from wardstream.contracts.reading import Microseconds
from wardstream.contracts.vitals import Vital

_HOUR_US = 3600 * 1_000_000
# A bell that is tied up is forgotten: whoever needs it longer says so again.
LONGEST_SNOOZE_US = 24 * _HOUR_US
LONGEST_WINDOW_US = 7 * 24 * _HOUR_US
# One in which clinical alarms are silent too is watched by the person who opened it.
LONGEST_CLINICAL_WINDOW_US = 4 * _HOUR_US

ActionId = Annotated[str, Meta(min_length=10, max_length=64)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class LimitPair(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Values strictly below `low` or above `high` are outside. None: no limit on that side."""

    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low must be below high")


class SetLimits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """One person's limits, replacing the defaults for the vitals named. An empty mapping gives the defaults back.

    `simple` flags anomalies; `clinical` raises alarms.
    """

    user_id: str
    by: str
    at_us: int
    simple: dict[Vital, LimitPair] = {}
    clinical: dict[Vital, LimitPair] = {}


class Acknowledge(msgspec.Struct, frozen=True, kw_only=True, tag_field="action", tag="acknowledge"):
    """Somebody has seen this alarm: no more reminders of it. It clears by itself, as it would have."""

    alarm_id: str


class Snooze(msgspec.Struct, frozen=True, kw_only=True, tag_field="action", tag="snooze"):
    """Nothing is raised or said again of this vital in this direction until `until_us`, except danger.

    A newer one of the same vital and direction replaces it; one whose `until_us` is not after its `at_us` ends it.
    """

    vital: Vital
    direction: Direction
    until_us: Microseconds


class Window(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="action", tag="window"):
    """Maintenance from `from_us` to before `until_us`: washing, changing a sensor. Nothing personal or technical is raised.

    Of one vital, or (None) of the whole person. Clinical alarms, danger included, are silent only if `includes_clinical`.
    A newer one of the same scope replaces it; one that ends before it begins, or where it begins, ends it.
    """

    from_us: Microseconds
    until_us: Microseconds
    vital: Vital | None = None
    includes_clinical: bool = False


class Action(msgspec.Struct, frozen=True, kw_only=True, tag_field="v", tag=2):
    """What one person did about another's alarms, and when, by the clock of whoever sent it."""

    action_id: ActionId
    user_id: str
    by: Name
    at_us: Microseconds
    does: Acknowledge | Snooze | Window

    def __post_init__(self) -> None:
        does = self.does
        if isinstance(does, Snooze) and does.until_us - self.at_us > LONGEST_SNOOZE_US:
            raise ValueError("a snooze lasts 24 h at most")
        if isinstance(does, Window):
            longest_us = LONGEST_CLINICAL_WINDOW_US if does.includes_clinical else LONGEST_WINDOW_US
            if does.until_us - does.from_us > longest_us:
                raise ValueError(f"such a window lasts {longest_us // _HOUR_US} h at most")


class Forget(msgspec.Struct, frozen=True, kw_only=True, tag_field="v", tag=3):
    """Everything the scorer knows of this person is dropped; whoever is heard of by this id afterwards is new.

    `by` is the request that says so. Repeating it is harmless. The value of `alarm-actions`, key `user_id`.
    """

    user_id: str
    by: str
    at_us: int


AlarmAction = SetLimits | Action | Forget
