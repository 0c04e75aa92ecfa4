"""People for training: readings of whole days, and where they go."""

import random
from collections.abc import Sequence
from datetime import date

from wardstream.contracts.identity import reading_id
from wardstream.contracts.reading import Reading

MINUTE_US = 60_000_000
DAY_US = 86_400_000_000


def midnight_us(day: date) -> int:
    """The first instant of a date, UTC."""
    return (day - date(1970, 1, 1)).days * DAY_US


def reading(user: str, at_us: int, **vitals: float) -> Reading:
    """A reading of the one device that this person wears."""
    return Reading(
        reading_id=reading_id(user, at_us, None, None, vitals),
        device_id=user,
        user_id=user,
        measured_at_us=at_us,
        received_at_us=at_us + 5,
        **vitals,  # type: ignore[arg-type]  # vitals by name
    )


def resting(user: str, day: date, minutes: Sequence[int], bpm: float, seed: int = 1) -> list[Reading]:
    """Somebody lying still: a heart rate a minute around `bpm`."""
    rng = random.Random(f"{user}/{day}/{seed}")
    start_us = midnight_us(day)
    return [
        reading(user, start_us + minute * MINUTE_US, heart_rate_bpm=round(rng.gauss(bpm, 1.5), 1))
        for minute in minutes
    ]
