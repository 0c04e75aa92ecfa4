"""What was scored lately: a bounded memory of reading ids, so that a resend changes nothing."""

from hashlib import blake2b

# A resend follows its original within a few readings: QoS 1 repeats what was in flight (Mosquitto allows 20), an outbox
# repeats what was not acknowledged. What comes back later still is older than the newest and so decides nothing.
REMEMBERED = 64
# A wrong match needs two of 64 ids to agree in 64 bits: never, at any rate of readings.
_BYTES = 8


def _mark(reading_id: str) -> bytes:
    return blake2b(reading_id.encode(), digest_size=_BYTES).digest()


def was_seen(marks: bytes, reading_id: str) -> bool:
    """Whether `reading_id` is among the last `REMEMBERED`."""
    mark = _mark(reading_id)
    at = marks.find(mark)
    while at >= 0:
        if at % _BYTES == 0:
            return True
        at = marks.find(mark, at + 1)
    return False


def remembered(marks: bytes, reading_id: str) -> bytes:
    """`marks` with `reading_id` added and the oldest forgotten."""
    return (marks + _mark(reading_id))[-REMEMBERED * _BYTES :]
