"""What a source has handed over and Kafka has not confirmed yet, in the order it came."""

from collections import deque


class Delivery:
    """One message on its way to Kafka. `token` is the source's own name for it (an MQTT packet id, an offset)."""

    __slots__ = ("arrived_s", "confirmed", "size", "token")

    def __init__(self, token: int, arrived_s: float) -> None:
        self.token = token
        self.arrived_s = arrived_s
        self.size = 0
        self.confirmed = False


class Pending:
    """Deliveries of one connection. MQTT 3.1.1 wants PUBACKs in the order of the messages (4.6), and so do offsets.

    A new connection gets a new `Pending`: what the old one still has under way is confirmed into nothing, for the
    broker sends those messages again.
    """

    def __init__(self) -> None:
        self._waiting: deque[Delivery] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, token: int, arrived_s: float) -> Delivery:
        """Notes a message that came at `arrived_s` (monotonic)."""
        delivery = Delivery(token, arrived_s)
        self._waiting.append(delivery)
        return delivery

    def settle(self) -> list[Delivery]:
        """Takes out, in order, all up to the first that Kafka hasn't confirmed: those may be acknowledged."""
        waiting, settled = self._waiting, []
        while waiting and waiting[0].confirmed:
            settled.append(waiting.popleft())
        return settled
