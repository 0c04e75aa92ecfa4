"""When the clock next has something to do for whom: a wheel of seconds, so that a tick costs what is due and no more. Pure.

Somebody's deadline moves on with every reading; it is not moved here then, but looked at when it comes: once for each time
of silence, not once for each reading. Some 60 bytes a person (their key is the one that their row has).
"""

import heapq

_SLOT_US = 1_000_000


class _Slot:
    """A second, and who is due in it. Each of them refers to it: no number of their own."""

    __slots__ = ("keys", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.keys: list[bytes] = []


class Deadlines:
    """Keys by the second of their deadline. A key has one deadline, the earliest it was given since it was last due."""

    def __init__(self) -> None:
        self._by_number: dict[int, _Slot] = {}
        self._by_key: dict[bytes, _Slot] = {}
        # Of `_by_number`, a heap.
        self._numbers: list[int] = []

    def __len__(self) -> int:
        return len(self._by_key)

    def expect(self, key: bytes, due_us: int) -> None:
        """Wants `key` looked at from `due_us` on."""
        number = -(-due_us // _SLOT_US)
        known = self._by_key.get(key)
        if known is not None and known.number <= number:
            return
        slot = self._by_number.get(number)
        if slot is None:
            slot = self._by_number[number] = _Slot(number)
            heapq.heappush(self._numbers, number)
        slot.keys.append(key)
        self._by_key[key] = slot

    def is_any_due(self, now_us: int) -> bool:
        """Whether `due` may have something."""
        return bool(self._numbers) and self._numbers[0] <= now_us // _SLOT_US

    def due(self, now_us: int, most: int) -> list[bytes]:
        """Takes out up to `most` keys that are due, the earliest first; those too many stay due."""
        taken: list[bytes] = []
        while self.is_any_due(now_us) and len(taken) < most:
            slot = self._by_number[self._numbers[0]]
            while slot.keys and len(taken) < most:
                key = slot.keys.pop()
                # Else it was wanted earlier meanwhile, and this is what is left of the later wish.
                if self._by_key.get(key) is slot:
                    del self._by_key[key]
                    taken.append(key)
            if not slot.keys:
                heapq.heappop(self._numbers)
                del self._by_number[slot.number]
        return taken


def whole_seconds(now_us: int) -> int:
    """The instant that a tick at `now_us` is about: what is due by it is due, whenever exactly the wheel is turned."""
    return now_us - now_us % _SLOT_US
