"""Ids that come from content alone, so that a resend, a replay or a second worker gives the same id."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import blake2b

# 120 bits: twenty base64 characters without padding, and no collision to expect in 10^15 readings.
_DIGEST_BYTES = 15
ID_LENGTH = 20


def _digest(*parts: str) -> str:
    # The unit separator can't occur in a part that JSON or MQTT lets through as an id, so no two lists join alike.
    joined = "\x1f".join(parts).encode()
    return urlsafe_b64encode(blake2b(joined, digest_size=_DIGEST_BYTES).digest()).decode()


def reading_id(
    device_id: str, measured_at_us: int, boot: int | None, sequence: int | None, values: Mapping[str, float]
) -> str:
    """The reading's id: hash(device, boot, sequence), else hash(device, measured_at, the values said).

    `values` are the normalised ones (°C, mmHg), by field name; their order doesn't matter. A device that resends
    says the same id again; a device without sequence numbers that says two different things of one instant says two.
    """
    if boot is not None and sequence is not None:
        return _digest("seq", device_id, str(boot), str(sequence))
    said = [f"{name}={float(values[name])!r}" for name in sorted(values)]
    return _digest("said", device_id, str(measured_at_us), *said)


def anomaly_id(reading: str, vital: str, rule: str) -> str:
    """One anomaly per (reading, vital, rule)."""
    return _digest("anomaly", reading, vital, rule)


def alarm_id(user_id: str, kind: str, vital: str, onset_reading_id: str) -> str:
    """The alarm's id: from who, what and the reading it began with; never from the time it fired."""
    return _digest("alarm", user_id, kind, vital, onset_reading_id)
