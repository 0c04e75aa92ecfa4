"""Records that can't be items, set aside in `readings.rejected` before their offsets may be committed."""

from hashlib import sha256

from confluent_kafka import KafkaError, Message, Producer

from alarm_store.batch import Refused
from wardstream.contracts import wire
from wardstream.contracts.rejected import KEPT_BYTES, Rejected
from wardstream.contracts.topics import REJECTED
from wardstream.runtime.metrics import STORE_MALFORMED

_FLOOD_WAIT_S = 5.0


def rejection(refused: Refused, now_us: int) -> Rejected:
    """What `readings.rejected` says of a refused record. Which device it speaks for isn't known: `device_id` is empty."""
    topic, number = refused.record.partition
    value = refused.record.value
    return Rejected(
        reason=refused.fault.reason,
        detail=f"{refused.fault.detail} (partition {number}, offset {refused.record.offset})",
        topic=topic,
        device_id="",
        received_at_us=now_us,
        payload=value[:KEPT_BYTES],
        payload_bytes=len(value),
        payload_sha256=sha256(value).hexdigest(),
    )


class Aside:
    """Hands refused records to Kafka and knows whether it has them all."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._failed: KafkaError | None = None

    def put(self, refused: Refused, now_us: int) -> None:
        """Begins to set the record aside, under its own key."""
        STORE_MALFORMED.labels(refused.fault.reason).inc()
        said = wire.encode(rejection(refused, now_us))
        try:
            self._produce(refused.record.key, said)
        except BufferError:
            # A flood of them. Once more when Kafka has some; if it has none by then, crash: nothing is committed.
            self._producer.flush(_FLOOD_WAIT_S)
            self._produce(refused.record.key, said)

    def is_done(self, wait_s: float = 0) -> bool:
        """Whether Kafka has all that was put; waits for it at most `wait_s`. Crashes if it refused one for good."""
        waiting = self._producer.flush(wait_s)
        if self._failed is not None:
            raise RuntimeError(f"{REJECTED.name} takes no more: {self._failed.name()}")
        return waiting == 0

    def _produce(self, key: bytes, said: bytes) -> None:
        self._producer.produce(REJECTED.name, key=key, value=said, on_delivery=self._delivered)

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        self._failed = self._failed or error
