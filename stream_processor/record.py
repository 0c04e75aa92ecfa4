"""A record of a source topic: the reading, model or action it holds, or why it holds none. Pure."""

from typing import Protocol

from wardstream.contracts import wire
from wardstream.contracts.alarm_action import AlarmAction
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import Rejected, refused
from wardstream.contracts.topics import READINGS
from wardstream.contracts.user_model import UserModel


class Record(Protocol):
    """A record as the transport hands it over; `timestamp` is Kafka's, milliseconds since the epoch."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


def reading_in(key: bytes, value: bytes | None) -> Reading:
    """The reading, or `Malformed`. A reading under another person's key would meet another person's state."""
    if value is None:
        raise Malformed("json", "an empty record")
    reading = wire.reading(value)
    if reading.user_id.encode() != key:
        raise Malformed("identity", "the record's key is not the reading's user_id")
    return reading


def model_in(record: Record) -> tuple[bytes, UserModel | None]:
    """(key, model; None to forget it), or `Malformed`."""
    if record.value is None:
        return _keyed(record.key), None
    model = wire.user_model(record.value)
    return _owned(record.key, model.user_id), model


def action_in(record: Record) -> tuple[bytes, AlarmAction | None]:
    """(key, action; None for everybody's limits again), or `Malformed`."""
    if record.value is None:
        return _keyed(record.key), None
    action = wire.alarm_action(record.value)
    return _owned(record.key, action.user_id), action


def _keyed(key: bytes | None) -> bytes:
    if not key:
        raise Malformed("identity", "a record without key and value")
    return key


def _owned(key: bytes | None, user_id: str) -> bytes:
    if key is None or key != user_id.encode():
        raise Malformed("identity", "the record's key is not its user_id")
    return key


def set_aside(record: Record, why: Malformed) -> Rejected:
    """What is set aside of a record that holds no reading: the same bytes give the same refusal, at any time."""
    return refused(
        why,
        topic=READINGS.name,
        device_id=(record.key or b"").decode(errors="replace"),
        received_at_us=record.timestamp * 1000,
        payload=record.value or b"",
    )
