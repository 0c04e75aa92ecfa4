"""Durations and instants as people type them. Pure."""

import re
from datetime import UTC, datetime

from wardstream.contracts.units import epoch_us

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}
_DURATION = re.compile(r"(\d{1,6})([smhd])\Z")


def duration_us(text: str) -> int:
    """30s, 45m, 2h or 1d in microseconds; `ValueError` says what is wrong."""
    found = _DURATION.match(text)
    if found is None:
        raise ValueError(f"{text} is no duration: write 30s, 45m, 2h or 1d")
    return int(found[1]) * _UNITS_S[found[2]] * 1_000_000


def instant_us(text: str) -> int:
    """An ISO 8601 instant in microseconds since the epoch, UTC where it names no zone; `ValueError` says what is wrong."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text} is no instant: write 2026-03-01T07:30 or 2026-03-01T07:30+01:00") from error
    return epoch_us(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))
