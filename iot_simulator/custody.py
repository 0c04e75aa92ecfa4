"""What the devices owe: every numbered message until the application acknowledgement, and when to say it again."""

from collections.abc import Iterator
from typing import Protocol

from iot_simulator.kept import Row
from iot_simulator.said import Said
from wardstream.contracts.ack import Ack

# Acknowledgements come once a second; a pipeline that catches up after a fault takes longer.
_FIRST_TIMEOUT_US = 10_000_000
_DOUBLINGS = 5
# A pipeline that is away for an hour must not find the hour's messages said hundreds of times.
_AT_ONCE = 100


class File(Protocol):
    """Where messages survive the process: `kept.Kept`."""

    def add(self, row: Row) -> None:
        """Keeps a message."""

    def remove(self, device_id: str, boot: int, through: int) -> None:
        """Lets go of it."""

    def commit(self) -> bool:
        """Writes; False when the disk is full."""


class _Owed:
    """One boot of one device: its messages by number, and those that the broker has and nobody else perhaps."""

    __slots__ = ("failures", "messages", "passed", "since_us")

    def __init__(self) -> None:
        self.messages: dict[int, Said] = {}
        self.passed: set[int] = set()
        self.since_us = 0
        self.failures = 0


class Custody:
    """At most `capacity` messages of all devices together. A message is here before it is sent, and leaves by `carried` alone."""

    def __init__(self, capacity: int, file: File) -> None:
        self._capacity = capacity
        self._file = file
        self._owed: dict[tuple[str, int], _Owed] = {}
        self._has_room = True
        self.size = 0

    @property
    def is_full(self) -> bool:
        """Nothing more can be kept: devices measure nothing, so that no number is missing for ever."""
        return self.size >= self._capacity or not self._has_room

    def take(self, said: Said) -> None:
        """Keeps a message. One that is kept already, or has no number, changes nothing."""
        if said.boot is None or said.sequence is None:
            return
        owed = self._owed.setdefault((said.route.device_id, said.boot), _Owed())
        if said.sequence not in owed.messages:
            owed.messages[said.sequence] = said
            self.size += 1
            self._file.add(_row(said, said.boot, said.sequence))

    def restore(self, said: Said) -> None:
        """Takes a message that the file has already; in the order of their numbers."""
        if said.boot is not None and said.sequence is not None:
            owed = self._owed.setdefault((said.route.device_id, said.boot), _Owed())
            owed.messages[said.sequence] = said
            self.size += 1

    def passed(self, said: Said, now_us: int) -> None:
        """The broker has it (PUBACK), which is no promise that Kafka will."""
        owed = self._owed.get((said.route.device_id, said.boot or 0))
        if owed is None or said.sequence not in owed.messages:
            return
        if not owed.passed:
            owed.since_us = now_us
        owed.passed.add(said.sequence)

    def carried(self, device_id: str, ack: Ack, now_us: int) -> list[Said]:
        """Lets go of what `ack` covers, and returns it. An older acknowledgement lets go of nothing."""
        owed = self._owed.get((device_id, ack.boot))
        if owed is None:
            return []
        done = [number for number in owed.messages if number <= ack.seq]
        if not done:
            return []
        released = [owed.messages.pop(number) for number in done]
        owed.passed.difference_update(done)
        owed.since_us, owed.failures = now_us, 0
        self.size -= len(done)
        self._file.remove(device_id, ack.boot, ack.seq)
        if not owed.messages:
            del self._owed[device_id, ack.boot]
        return released

    def overdue(self, now_us: int) -> Iterator[Said]:
        """What to say again: of each boot at most a hundred, oldest first, then after twice as long, up to 320 s.

        Nothing of a boot whose oldest message hasn't left: no answer can have come.
        """
        for owed in self._owed.values():
            if owed.passed and now_us >= owed.since_us + _timeout_us(owed.failures):
                again = self._oldest(owed)
                if again:
                    owed.failures += 1
                    owed.since_us = now_us
                    owed.passed.difference_update(again)
                    yield from (owed.messages[number] for number in again)

    def commit(self) -> None:
        """Brings the file up to date; to be called before what was taken is sent."""
        self._has_room = self._file.commit()

    @staticmethod
    def _oldest(owed: _Owed) -> list[int]:
        again: list[int] = []
        for number in sorted(owed.messages)[:_AT_ONCE]:
            if number not in owed.passed:
                break
            again.append(number)
        return again


def _timeout_us(failures: int) -> int:
    return _FIRST_TIMEOUT_US << min(failures, _DOUBLINGS)


def _row(said: Said, boot: int, sequence: int) -> Row:
    return Row(
        said.route.device_id, boot, sequence, said.measured_at_us, said.values is not None, said.payload
    )
