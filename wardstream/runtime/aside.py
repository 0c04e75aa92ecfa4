"""Records set aside in a topic of their own, before the offsets they came from may be committed."""

from confluent_kafka import KafkaError, Message, Producer

_FLOOD_WAIT_S = 5.0


class Aside:
    """Hands records to Kafka and knows whether it has them all."""

    def __init__(self, producer: Producer, topic: str) -> None:
        self._producer = producer
        self._topic = topic
        self._failed: KafkaError | None = None

    def put(self, key: bytes, value: bytes) -> None:
        """Begins to set a record aside."""
        try:
            self._produce(key, value)
        except BufferError:
            # A flood of them. Once more when Kafka has some; if it has none by then, crash: nothing is committed.
            self._producer.flush(_FLOOD_WAIT_S)
            self._produce(key, value)

    def is_done(self, wait_s: float = 0) -> bool:
        """Whether Kafka has all that was put; waits for it at most `wait_s`. Crashes if it refused one for good."""
        waiting = self._producer.flush(wait_s)
        if self._failed is not None:
            raise RuntimeError(f"{self._topic} takes no more: {self._failed.name()}")
        return waiting == 0

    def _produce(self, key: bytes, value: bytes) -> None:
        self._producer.produce(self._topic, key=key, value=value, on_delivery=self._delivered)

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        self._failed = self._failed or error
