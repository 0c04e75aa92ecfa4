"""Hands readings and refusals to Kafka, and tells each when Kafka has it on all in-sync replicas."""

from functools import partial

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from mqtt_bridge.pending import Delivery
from wardstream.contracts import wire
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import Rejected
from wardstream.contracts.topics import READINGS, REJECTED
from wardstream.runtime import kafka

# What may be under way at once. librdkafka's own limits are twice as high, so its BufferError can't come:
# whoever asks `is_full` before each read of a source goes over by what its sources' reads bring, far less.
_MOST_MESSAGES = 50_000
_MOST_BYTES = 32 * 1024 * 1024


class Publisher:
    """A Kafka producer that knows how much is under way.

    Order is kept per user (`readings`) and per device (`readings.rejected`). Nothing is dropped: a message is
    confirmed, or the process ends.
    """

    def __init__(
        self, producer: Producer, most_messages: int = _MOST_MESSAGES, most_bytes: int = _MOST_BYTES
    ) -> None:
        self._producer = producer
        self._most_messages = most_messages
        self._most_bytes = most_bytes
        self.in_flight = 0
        self.in_flight_bytes = 0

    @property
    def is_full(self) -> bool:
        """Kafka is slower than the source: take no more until it has caught up."""
        return self.in_flight >= self._most_messages or self.in_flight_bytes >= self._most_bytes

    def publish(self, outcome: Reading | Rejected, delivery: Delivery) -> None:
        """Sends `outcome`; `delivery.confirmed` turns true during a later `poll`."""
        value = wire.encode(outcome)
        if isinstance(outcome, Reading):
            topic, key = READINGS.name, outcome.user_id
        else:
            topic, key = REJECTED.name, outcome.device_id
        delivery.size = len(value)
        self._producer.produce(topic, value, key.encode(), on_delivery=partial(self._delivered, delivery))
        self.in_flight += 1
        self.in_flight_bytes += delivery.size

    def poll(self, timeout_s: float = 0.0) -> None:
        """Takes Kafka's delivery reports. A refusal that retrying can't mend raises: crash, acknowledging nothing."""
        self._producer.poll(timeout_s)

    def _delivered(self, delivery: Delivery, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            raise KafkaException(error)
        self.in_flight -= 1
        self.in_flight_bytes -= delivery.size
        delivery.confirmed = True


def to_kafka(settings: kafka.KafkaSettings) -> Publisher:
    """A publisher over an idempotent producer that retries for ever."""
    return Publisher(
        kafka.producer(
            settings,
            queue_buffering_max_messages=2 * _MOST_MESSAGES,
            queue_buffering_max_kbytes=2 * _MOST_BYTES // 1024,
        )
    )
