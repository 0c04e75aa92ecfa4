"""When the clock next has something to do for whom: a wheel of seconds, so that a tick costs what is due and no more. Pure.

Somebody's deadline moves on with every reading; it is not moved here then, but looked at when it comes: once for each time
of silence, not once for each reading. Some 60 bytes a person (their key is the one that their row has).
"""

import heapq

_SLOT_US = 1_000_000


class Deadlines:
    """Keys by the second of their deadline. A key has one deadline, the earliest it was given since it was last due."""

    def __init__(self) -> None:
        self._keys_of: dict[int, list[bytes]] = {}
        self._slot_of: dict[bytes, int] = {}
        # Of `_keys_of`; every person of a second shares the one number.
        self._slots: list[int] = []

    def __len__(self) -> int:
        return len(self._slot_of)

    def expect(self, key: bytes, due_us: int) -> None:
        """Wants `key` looked at from `due_us` on."""
        slot = -(-due_us // _SLOT_US)
        known = self._slot_of.get(key)
        if known is not None and known <= slot:
            return
        keys = self._keys_of.get(slot)
        if keys is None:
            keys = self._keys_of[slot] = []
            heapq.heappush(self._slots, slot)
        keys.append(key)
        self._slot_of[key] = slot

    def is_any_due(self, now_us: int) -> bool:
        """Whether `due` may have something."""
        return bool(self._slots) and self._slots[0] <= now_us // _SLOT_US

    def due(self, now_us: int, most: int) -> list[bytes]:
        """Takes out up to `most` keys that are due, the earliest first; those too many stay due."""
        taken: list[bytes] = []
        while self.is_any_due(now_us) and len(taken) < most:
            slot = self._slots[0]
            keys = self._keys_of[slot]
            while keys and len(taken) < most:
                key = keys.pop()
                # Else it was wanted earlier meanwhile, and this is what is left of the later wish.
                if self._slot_of.get(key) == slot:
                    del self._slot_of[key]
                    taken.append(key)
            if not keys:
                heapq.heappop(self._slots)
                del self._keys_of[slot]
        return taken


def whole_seconds(now_us: int) -> int:
    """The instant that a tick at `now_us` is about: what is due by it is due, whenever exactly the wheel is turned."""
    return now_us - now_us % _SLOT_US
