"""A batch: what one fetch returned of one partition, as one message."""

from collections.abc import Callable, Sequence
from typing import Protocol


class Record(Protocol):
    """A record as aiokafka's parser holds it. `timestamp` is Kafka's, in milliseconds since the epoch."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


def _nothing(size_bytes: int) -> None: ...


class Batch:
    """Records of one partition in offset order. An agent is never handed one without records.

    Read from `position` on; `next_position` is where the partition is read on after it, and is what is committed once
    the batch is acknowledged (offsets may have gaps: transaction markers, compaction). `size_bytes` is what keys and
    values take; they count as buffered until `release` or the acknowledgement.
    """

    __slots__ = ("_released", "next_position", "position", "records", "size_bytes")

    def __init__(self, records: Sequence[Record], position: int, next_position: int, size_bytes: int) -> None:
        self.records = records
        self.position = position
        self.next_position = next_position
        self.size_bytes = size_bytes
        self._released: Callable[[int], None] = _nothing

    def counted_by(self, released: Callable[[int], None]) -> None:
        """Says who is told, once, when the batch's bytes are let go."""
        self._released = released

    def release(self) -> None:
        """Lets go of the records: whoever holds the event until a later acknowledgement needs their memory no longer."""
        released, self._released = self._released, _nothing
        self.records = ()
        released(self.size_bytes)
