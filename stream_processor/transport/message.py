"""A batch as Faust carries it about: a message that says when it is acknowledged, whichever way that happens."""

from collections.abc import Callable

from faust.types import ConsumerMessage


def _nobody(message: "BatchMessage") -> None: ...


class BatchMessage(ConsumerMessage):
    """Calls `settled` when it becomes acknowledged.

    Faust's compiled streams acknowledge by setting `acked` and writing to the consumer's own lists; they never call
    `Consumer.ack`.
    """

    settled: Callable[["BatchMessage"], None] = staticmethod(_nobody)
    _is_acked = False

    @property
    def acked(self) -> bool:
        """Whether everybody who was handed it is done with it."""
        return self._is_acked

    @acked.setter
    def acked(self, value: bool) -> None:
        is_new = value and not self._is_acked
        self._is_acked = value
        if is_new:
            self.settled(self)
