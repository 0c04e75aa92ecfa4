"""When a reading was measured: a device's own text for it, turned into an instant that can be believed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from wardstream.contracts import units
from wardstream.contracts.malformed import Malformed

_EARLIEST_US = units.epoch_us(datetime(2000, 1, 1, tzinfo=UTC))
_AHEAD_US = 48 * 60 * 60 * 1_000_000


def measured_at_us(text: str, zone: str, received_at_us: int) -> int:
    """Microseconds since the epoch of `YYYY-MM-DD HH:MM:SS[.ffffff]` (or with `T`, with `Z` or an offset).

    A text without a zone is read in `zone` (IANA). In the hour that a clock goes through twice, the first pass is meant.
    `Malformed` (timestamp) if there is no such instant, it lies before 2000, or more than 48 h after `received_at_us`.
    """
    try:
        moment = msgspec.convert(text, datetime)
    except msgspec.ValidationError as error:
        raise Malformed("timestamp", "no such instant, or not as ISO 8601 writes it") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC if zone == "UTC" else ZoneInfo(zone))
    instant = units.epoch_us(moment)
    if instant < _EARLIEST_US:
        raise Malformed("timestamp", "before 2000")
    if instant > received_at_us + _AHEAD_US:
        raise Malformed("timestamp", "more than 48 hours ahead")
    return instant
