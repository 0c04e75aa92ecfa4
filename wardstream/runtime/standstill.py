"""A consumer that takes no more for a while, and keeps its place in the group."""

from confluent_kafka import Consumer, Message, TopicPartition

# Pausing throws away what is prefetched: not for a world that is merely slow for a moment.
_SLOW_S = 2.0


class Standstill:
    """Call `hold` in every turn in which nothing may be taken, `resume` before taking again."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._since_s: float | None = None
        self._paused: set[tuple[str, int]] = set()

    def hold(self, now_s: float) -> list[Message]:
        """Pauses if this lasts, and polls, so that the group counts us in. `now_s` is monotonic.

        Returns what was on its way before the pause took hold, at most one record a call; it must be taken.
        """
        if self._since_s is None:
            self._since_s = now_s
        if now_s - self._since_s < _SLOW_S:
            return []
        assigned = _names(self._consumer.assignment())
        self._consumer.pause([TopicPartition(*name) for name in assigned - self._paused])
        self._paused = assigned
        return self._consumer.consume(1, 0)

    def resume(self) -> None:
        """Takes again."""
        self._since_s = None
        if self._paused:
            self._consumer.resume([TopicPartition(*name) for name in self._paused])
            self._paused = set()

    def forget(self, partitions: list[TopicPartition]) -> None:
        """Partitions that aren't ours any more."""
        self._paused -= _names(partitions)


def _names(partitions: list[TopicPartition]) -> set[tuple[str, int]]:
    return {(one.topic, one.partition) for one in partitions}
