"""How many bytes of records are handed out and still held: the consumer fetches no more beyond a bound."""

import asyncio

from stream_processor.transport.batch import Batch


class Buffer:
    """Counts batches from `take` until their release."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._epoch = 0
        self._room = asyncio.Event()
        self.held_bytes = 0

    def take(self, batch: Batch) -> None:
        """Counts a batch until it is released, or until everything is forgotten."""
        epoch = self._epoch
        self.held_bytes += batch.size_bytes

        def released(size_bytes: int) -> None:
            if epoch == self._epoch:
                self.held_bytes -= size_bytes
                self._room.set()

        batch.counted_by(released)

    def forget(self) -> None:
        """Everything handed out so far was thrown away."""
        self._epoch += 1
        self.held_bytes = 0
        self._room.set()

    async def has_room(self, timeout_s: float) -> bool:
        """Waits up to `timeout_s` for the bytes held to fall below the bound; whether they have."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.held_bytes >= self._most_bytes:
                    self._room.clear()
                    await self._room.wait()
        except TimeoutError:
            return False
        return True
