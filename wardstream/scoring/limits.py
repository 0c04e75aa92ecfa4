"""Limits: the simple ones that flag anomalies, and the clinical ones that raise alarms."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from wardstream.contracts.alarm_action import LimitPair, SetLimits
from wardstream.contracts.anomaly import Direction
from wardstream.contracts.units import celsius
from wardstream.contracts.vitals import VITALS, Vital

NEWS2 = "NEWS2 red value"


class Bound(msgspec.Struct, frozen=True):
    """One side of a clinical limit, in the vital's unit, and where the number comes from.

    NEWS2 words its bounds inclusively ("131 or more"); limits that people set are strict, as `LimitPair` says.
    """

    value: float
    source: str
    inclusive: bool = True

    def is_crossed_by(self, value: float, direction: Direction) -> bool:
        """Whether `value` lies outside, beyond this bound in `direction`."""
        if value == self.value:
            return self.inclusive
        return value < self.value if direction == "low" else value > self.value


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """The clinical limit of one vital. None: no limit on that side."""

    low: Bound | None = None
    high: Bound | None = None

    def towards(self, direction: Direction) -> Bound | None:
        """The bound in `direction`."""
        return self.low if direction == "low" else self.high


class Band(NamedTuple):
    """Strictly between `low` and `high` no clinical or danger bound is crossed; from `plain_low` to `plain_high` no simple one."""

    low: float
    high: float
    plain_low: float
    plain_high: float


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What is outside, for everybody or (after `for_person`) for one person. A vital not named has no limit.

    `bands` follow from the others: what the scorer asks of every value.
    """

    simple: dict[Vital, LimitPair]
    clinical: dict[Vital, Bounds]
    bands: dict[Vital, Band] = {}

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "bands", {vital: self._band(vital) for vital in VITALS})

    def _band(self, vital: Vital) -> Band:
        both = [bounds for bounds in (self.clinical.get(vital), DANGER.get(vital)) if bounds is not None]
        pair = self.simple.get(vital, LimitPair())
        return Band(
            max((bounds.low.value for bounds in both if bounds.low is not None), default=-math.inf),
            min((bounds.high.value for bounds in both if bounds.high is not None), default=math.inf),
            -math.inf if pair.low is None else pair.low,
            math.inf if pair.high is None else pair.high,
        )


class LimitsFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator may write in LIMITS_FILE: pairs that replace the defaults of the vitals named, for everybody."""

    simple: dict[Vital, LimitPair] = {}
    clinical: dict[Vital, LimitPair] = {}


# The limits of the simple systems, temperature there in °F.
SIMPLE: dict[Vital, LimitPair] = {
    "heart_rate_bpm": LimitPair(low=60, high=100),
    "spo2_pct": LimitPair(low=85, high=110),
    "temperature_c": LimitPair(low=celsius(96), high=celsius(101)),
}

# The values that score 3 in a single parameter: Royal College of Physicians, National Early Warning Score (NEWS) 2,
# London 2017, chart 1; SpO2 on scale 1. NEWS2 has no red value for a high temperature or a high saturation.
NEWS2_RED: dict[Vital, Bounds] = {
    "respiratory_rate_bpm": Bounds(low=Bound(8, NEWS2), high=Bound(25, NEWS2)),
    "spo2_pct": Bounds(low=Bound(91, NEWS2)),
    "systolic_mmhg": Bounds(low=Bound(90, NEWS2), high=Bound(220, NEWS2)),
    "heart_rate_bpm": Bounds(low=Bound(40, NEWS2), high=Bound(131, NEWS2)),
    "temperature_c": Bounds(low=Bound(35.0, NEWS2)),
}

_DANGER = "danger value"

# One reading of these is enough. No published score names them: they are our choice, beyond the widest criteria for
# calling an emergency team (the "late signs" of Harrison et al., SOCCER study, Resuscitation 2005;65:149-57: pulse under
# 40 or over 140, systolic under 80 or over 240, breaths under 5 or over 40), and for temperature at moderate hypothermia
# (32 °C and less) and hyperpyrexia (41.5 °C and more). No setting relaxes them.
DANGER: dict[Vital, Bounds] = {
    "heart_rate_bpm": Bounds(low=Bound(30, _DANGER), high=Bound(180, _DANGER)),
    "spo2_pct": Bounds(low=Bound(75, _DANGER)),
    "respiratory_rate_bpm": Bounds(low=Bound(4, _DANGER), high=Bound(45, _DANGER)),
    "systolic_mmhg": Bounds(low=Bound(65, _DANGER), high=Bound(250, _DANGER)),
    "temperature_c": Bounds(low=Bound(32.0, _DANGER), high=Bound(41.5, _DANGER)),
}

DEFAULTS = Limits(simple=SIMPLE, clinical=NEWS2_RED)


def replaced(
    limits: Limits, simple: Mapping[Vital, LimitPair], clinical: Mapping[Vital, LimitPair], source: str
) -> Limits:
    """`limits` with the pairs of the vitals named in their place; `source` is told in the explanations."""
    return Limits(
        simple=limits.simple | dict(simple),
        clinical=limits.clinical | {vital: _bounds(pair, source) for vital, pair in clinical.items()},
    )


def _bounds(pair: LimitPair, source: str) -> Bounds:
    return Bounds(
        low=None if pair.low is None else Bound(pair.low, source, inclusive=False),
        high=None if pair.high is None else Bound(pair.high, source, inclusive=False),
    )


def for_everybody(written: LimitsFile) -> Limits:
    """The defaults as an operator's file changes them."""
    return replaced(DEFAULTS, written.simple, written.clinical, "this ward's limit")


def for_person(limits: Limits, own: SetLimits | None) -> Limits:
    """The limits of one person: `limits`, but for the vitals that somebody set for them."""
    if own is None:
        return limits
    return replaced(limits, own.simple, own.clinical, "set for this person")
