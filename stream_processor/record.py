"""A record of `readings`: the reading it holds, or why it holds none. Pure."""

from typing import NamedTuple

from wardstream.contracts import wire
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import Rejected, refused
from wardstream.contracts.topics import READINGS


class Record(NamedTuple):
    """Key and value as Kafka holds them; `written_at_us` is Kafka's own timestamp."""

    key: bytes | None
    value: bytes | None
    partition: int
    written_at_us: int


def reading_in(record: Record) -> Reading:
    """The reading, or `Malformed`. A reading under another person's key would meet another person's state."""
    if record.value is None:
        raise Malformed("json", "an empty record")
    reading = wire.reading(record.value)
    if record.key != reading.user_id.encode():
        raise Malformed("identity", "the record's key is not the reading's user_id")
    return reading


def set_aside(record: Record, why: Malformed) -> Rejected:
    """What is set aside of a record that holds no reading: the same bytes give the same refusal, at any time."""
    return refused(
        why,
        topic=READINGS.name,
        device_id=(record.key or b"").decode(errors="replace"),
        received_at_us=record.written_at_us,
        payload=record.value or b"",
    )
