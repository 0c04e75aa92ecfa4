"""Reading partitions to their ends, as they are now; no group is joined, nothing is committed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition

from wardstream.runtime import kafka
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka import KafkaSettings

_BATCH = 10_000
_POLL_S = 0.05
_PATIENCE_S = 60.0


class Reader:
    """Reads one partition after the other. Only what is committed is seen."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        # For questions about topics.
        self.client = consumer

    def records(self, topic: str, partition: int, start: int = OFFSET_BEGINNING) -> Iterator[Message]:
        """Every record from `start` to the end; `CannotRun` if Kafka stays silent."""
        self._consumer.assign([TopicPartition(topic, partition, start)])
        patient_until_s = time.monotonic() + _PATIENCE_S
        while True:
            messages = self._consumer.consume(_BATCH, timeout=_POLL_S)
            if messages:
                patient_until_s = time.monotonic() + _PATIENCE_S
            elif time.monotonic() > patient_until_s:
                raise CannotRun(f"Kafka has not handed out topic {topic} for {_PATIENCE_S:.0f} s")
            for message in messages:
                error = message.error()
                if error is None:
                    yield message
                elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 -- librdkafka's public name for it
                    return
                elif not error.retriable():
                    raise CannotRun(f"topic {topic} can't be read: {error.str()}")

    def newest(self, topic: str, partition: int) -> dict[bytes, bytes]:
        """The newest value of every key that has one. `CannotRun` if a record has no key: it can't be placed."""
        rows: dict[bytes, bytes] = {}
        for record in self.records(topic, partition):
            key, value = record.key(), record.value()
            if key is None:
                raise CannotRun(f"topic {topic} holds a record without key: is it another application's?")
            if value is None:
                rows.pop(_bytes(key), None)
            else:
                rows[_bytes(key)] = _bytes(value)
        return rows

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """(first offset, the one after the last)."""
        return self._consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=_PATIENCE_S)

    def committed(self, topic: str, partitions: int) -> dict[int, int]:
        """Per partition the offset the group reads on from; 0 where it has none."""
        asked = [TopicPartition(topic, number) for number in range(partitions)]
        found = self._consumer.committed(asked, timeout=_PATIENCE_S)
        return {each.partition: max(each.offset, 0) for each in found}


def _bytes(said: str | bytes) -> bytes:
    return said.encode() if isinstance(said, str) else said


@contextmanager
def reader(settings: KafkaSettings, group: str) -> Iterator[Reader]:
    """A reader that can also tell what `group` has committed."""
    consumer = kafka.consumer(settings, group, enable_partition_eof=True, fetch_wait_max_ms=50)
    try:
        yield Reader(consumer)
    finally:
        consumer.close()
