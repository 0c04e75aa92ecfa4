"""The records of one poll, and how far their partitions may be committed. Decides; touches nothing."""

from typing import NamedTuple

from wardstream.contracts import rejected
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.rejected import Rejected


class Partition(NamedTuple):
    """A partition of a topic."""

    topic: str
    number: int


class Record(NamedTuple):
    """A Kafka record. A tombstone's value is empty."""

    partition: Partition
    offset: int
    value: bytes
    key: bytes = b""


class Refused(NamedTuple):
    """A record that can't be an item, and why."""

    record: Record
    fault: Malformed


def set_aside(refused: Refused, now_us: int) -> Rejected:
    """What `readings.rejected` says of a refused record. Which device it speaks for isn't known: `device_id` is empty."""
    topic, number = refused.record.partition
    place = f"partition {number}, offset {refused.record.offset}"
    fault = Malformed(refused.fault.reason, f"{refused.fault.detail} ({place})")
    return rejected.refused(
        fault, topic=topic, device_id="", received_at_us=now_us, payload=refused.record.value
    )


class Batch:
    """Counts what is still to be written, and where each partition goes on once nothing is."""

    def __init__(self) -> None:
        self._pending = 0
        self._next: dict[Partition, int] = {}

    def took(self, record: Record) -> None:
        """A record came; it's to be written or set aside."""
        self._pending += 1
        self._next[record.partition] = max(record.offset + 1, self._next.get(record.partition, 0))

    def done(self) -> None:
        """One of them is."""
        self._pending -= 1

    @property
    def is_open(self) -> bool:
        """Whether something is still to be written."""
        return self._pending > 0

    def forget(self, partitions: list[Partition]) -> None:
        """Partitions that aren't ours any more: their new owner writes the same again, and nothing changes by it."""
        for partition in partitions:
            self._next.pop(partition, None)

    def offsets(self) -> dict[Partition, int]:
        """Where each partition goes on. To be committed only when the batch isn't open."""
        return dict(self._next)
