"""Units: what devices speak, turned into what Wardstream keeps (°C, mmHg, bpm, %, UTC)."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def celsius(fahrenheit: float) -> float:
    """°F to °C, to a hundredth: devices report tenths of °F (0.056 °C), so no two readings collapse into one."""
    return round((fahrenheit - 32.0) * 5.0 / 9.0, 2)


def fahrenheit(celsius: float) -> float:
    """°C to °F, to a tenth: what a bedside monitor shows."""
    return round(celsius * 9.0 / 5.0 + 32.0, 1)


def epoch_us(moment: datetime) -> int:
    """Whole microseconds since 1970-01-01T00:00Z of an aware datetime. Exact, unlike `timestamp()`."""
    return (moment - _EPOCH) // _MICROSECOND


def utc(microseconds: int) -> datetime:
    """The aware UTC datetime of whole microseconds since 1970-01-01T00:00Z."""
    return _EPOCH + timedelta(microseconds=microseconds)
