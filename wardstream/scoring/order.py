"""Order in time: which reading is the newest, which is late, and what a clock that was set back looks like."""

import msgspec

from wardstream.contracts.reading import Reading

# Clocks of devices and bridges differ by less than this unless one of them is wrong.
_HONEST_LEAD_US = 5 * 60 * 1_000_000


class Newest(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The newest reading taken into account: when it was measured, by how much its clock led the bridge's, its id."""

    at_us: int
    lead_us: int
    reading_id: str


def newest(reading: Reading) -> Newest:
    """`reading` as the newest."""
    at_us = reading.measured_at_us
    return Newest(at_us, at_us - reading.received_at_us, reading.reading_id)


def is_late(known: Newest | None, reading: Reading) -> bool:
    """Whether `reading` is older than the newest known (or is it): it then decides nothing any more.

    The bridge takes readings from up to 48 h ahead. One such reading must not make all later ones "late" and so hide
    danger for two days: if the newest was ahead of the bridge's clock and this one is not, the clock was set back.
    """
    if known is None or reading.measured_at_us > known.at_us:
        return False
    if reading.measured_at_us == known.at_us:
        return reading.reading_id == known.reading_id
    return not clock_was_set_back(known, reading)


def clock_was_set_back(known: Newest | None, reading: Reading) -> bool:
    """Whether the newest known came from a clock that ran ahead by minutes, and `reading` comes from one that doesn't."""
    if known is None or known.lead_us <= _HONEST_LEAD_US or reading.measured_at_us >= known.at_us:
        return False
    return known.lead_us - _lead_us(reading) > _HONEST_LEAD_US


def _lead_us(reading: Reading) -> int:
    return reading.measured_at_us - reading.received_at_us
