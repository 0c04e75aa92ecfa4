"""Limits as people type them: heart_rate_bpm=45:150, with either side left out. Pure."""

from collections.abc import Iterable

from wardstream.contracts.alarm_action import LimitPair
from wardstream.contracts.vitals import VITALS, Vital


def pairs(texts: Iterable[str]) -> dict[Vital, LimitPair]:
    """The pairs by vital; `ValueError` says what is wrong."""
    return dict(map(_pair, texts))


def vital_named(name: str) -> Vital:
    """The vital of that name; `ValueError` tells all names."""
    for vital in VITALS:
        if vital == name:
            return vital
    raise ValueError(f"{name} is no vital: they are {', '.join(VITALS)}")


def _pair(text: str) -> tuple[Vital, LimitPair]:
    name, _, limits = text.partition("=")
    low, colon, high = limits.partition(":")
    if not colon:
        raise ValueError(
            f"{text} is no limit: write heart_rate_bpm=45:150, heart_rate_bpm=45: or heart_rate_bpm=:150"
        )
    return vital_named(name), LimitPair(low=_side(low), high=_side(high))


def _side(text: str) -> float | None:
    return float(text) if text else None
