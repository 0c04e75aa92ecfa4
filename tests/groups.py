"""Consumer groups on the shared Kafka that have read nothing of what other tests left there."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from wardstream.runtime.kafka import KafkaSettings, consumer, partitions_of

T = TypeVar("T")
_TIMEOUT_S = 90.0
_POLL_S = 0.05
_STARTING = {
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
}


def skip_what_is_there(settings: KafkaSettings, group: str, topics: Sequence[str]) -> None:
    """Lets `group` begin where `topics` end now."""
    reader = consumer(settings, group)
    try:
        patiently(lambda: _commit_ends(reader, topics))
    finally:
        reader.close()


def ends(reader: Consumer, topics: Sequence[str]) -> list[TopicPartition]:
    """Where the partitions of these topics end now."""
    return [
        TopicPartition(topic, partition, reader.get_watermark_offsets(at)[1])
        for topic in topics
        for partition in range(partitions_of(reader, topic))
        if (at := TopicPartition(topic, partition))
    ]


def _commit_ends(reader: Consumer, topics: Sequence[str]) -> None:
    reader.commit(offsets=ends(reader, topics), asynchronous=False)


def patiently(work: Callable[[], T]) -> T:
    """Does it as soon as a broker that has just started lets us."""
    deadline = time.monotonic() + _TIMEOUT_S
    while True:
        try:
            return work()
        except KafkaException as error:
            if error.args[0].code() not in _STARTING or time.monotonic() > deadline:
                raise
            time.sleep(_POLL_S)
