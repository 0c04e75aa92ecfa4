"""What people tell the scorer: a person's own limits, or to forget the person."""

import msgspec

from wardstream.contracts.vitals import Vital


class LimitPair(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Values strictly below `low` or above `high` are outside. None: no limit on that side."""

    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low must be below high")


class SetLimits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """One person's limits, replacing the defaults for the vitals named. The value of `alarm-actions`, key `user_id`.

    `simple` flags anomalies; `clinical` raises alarms. An empty mapping gives the defaults back.
    """

    user_id: str
    by: str
    at_us: int
    simple: dict[Vital, LimitPair] = {}
    clinical: dict[Vital, LimitPair] = {}


class Forget(msgspec.Struct, frozen=True, kw_only=True, tag_field="v", tag=3):
    """Everything the scorer knows of this person is dropped; whoever is heard of by this id afterwards is new.

    `by` is the request that says so. Repeating it is harmless. The value of `alarm-actions`, key `user_id`.
    """

    user_id: str
    by: str
    at_us: int


AlarmAction = SetLimits | Forget
