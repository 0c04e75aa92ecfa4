"""Which offsets may be committed: those before the first batch that is delivered and not acknowledged. Pure."""

from collections import deque


class Delivered:
    """The batches of one partition that were handed out, in order, by the position each of them ends at.

    Faust's own bookkeeping commits a batch late and, when acknowledgements come out of order, beyond one that is still
    being worked on: after a crash its records would be lost.
    """

    def __init__(self, position: int) -> None:
        self.position = position
        self._open: deque[int] = deque()
        self._acknowledged: set[int] = set()
        self._committable = position

    def deliver(self, position: int, next_position: int) -> bool:
        """Takes a batch; False if it doesn't begin where the last one ended, and so must not be handed out."""
        if position != self.position:
            return False
        self.position = next_position
        self._open.append(next_position)
        return True

    def skip(self, position: int, next_position: int) -> bool:
        """Goes past what nobody is to see; False if it doesn't begin where the last batch ended."""
        if position != self.position:
            return False
        self.position = next_position
        if not self._open:
            self._committable = next_position
        return True

    def acknowledge(self, next_position: int) -> None:
        """Marks the batch that ends at `next_position` as done; one that was never handed out changes nothing."""
        if next_position in self._open:
            self._acknowledged.add(next_position)
        while self._open and self._open[0] in self._acknowledged:
            self._committable = self._open.popleft()
            self._acknowledged.remove(self._committable)

    @property
    def committable(self) -> int:
        """The offset that may be committed: everything before it is done."""
        return self._committable

    @property
    def unacknowledged(self) -> int:
        """How many batches are handed out and not done."""
        return len(self._open)
