"""What waits while a connection is away: bounded, in order, the oldest kept."""

from collections import deque

from iot_simulator.said import Said


class Outbox:
    """A queue of messages. When it is full the newest is refused: what is oldest was promised first."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._waiting: deque[Said] = deque()

    def offer(self, said: Said) -> bool:
        """Queues the message; False: refused, because the outbox is full."""
        if len(self._waiting) >= self._capacity:
            return False
        self._waiting.append(said)
        return True

    def take(self) -> Said:
        """The oldest. IndexError when empty."""
        return self._waiting.popleft()

    @property
    def oldest_us(self) -> int | None:
        """When the oldest should have left; None when empty."""
        return self._waiting[0].send_at_us if self._waiting else None

    def __len__(self) -> int:
        return len(self._waiting)
