"""Surveying Kafka: every record of the topics that matter, from the first to the newest."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from wardstream.contracts import wire
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.topics import ALARMS, ANOMALIES, PROCESSOR_GROUP, READINGS, REJECTED, Topic
from wardstream.report.figures import Carried, Raised
from wardstream.runtime.kafka import KafkaSettings, consumer, partitions_of

_TIMEOUT_S = 30.0
_BATCH = 5000
# From so few offsets on, records are counted by reading them.
_COUNTED = 1000
# librdkafka passes these on at once.
_MOVING = (
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
)
_AGAIN_S = 0.2


def survey(settings: KafkaSettings) -> Carried:
    """Reads the topics to their ends as they are now; commits nothing, joins no group."""
    readings: Counter[str] = Counter()
    scored: set[str] = set()
    committed = _committed(settings, PROCESSOR_GROUP, READINGS)
    for record in _records(settings, READINGS):
        id_ = _reading_id(record)
        if id_ is None:
            continue
        readings[id_] += 1
        partition, offset = _place(record)
        if offset < committed[partition]:
            scored.add(id_)
    raised, cleared = _alarms(settings)
    return Carried(
        readings=readings,
        scored=scored,
        rejected={wire.rejected(_value(record)).payload_sha256 for record in _records(settings, REJECTED)},
        anomalies={wire.anomaly(_value(record)).anomaly_id for record in _records(settings, ANOMALIES)},
        raised=raised,
        cleared=cleared,
    )


def lag(settings: KafkaSettings, group: str, topic: Topic) -> int:
    """How many records of `topic` the group has not committed yet; exact once few are left.

    Offsets alone would never come to nothing: a transaction's mark has an offset too, and nobody commits past the last one.
    """
    committed = _committed(settings, group, topic)
    offsets = sum(
        high - max(low, committed[partition]) for partition, (low, high) in _bounds(settings, topic).items()
    )
    return offsets if offsets > _COUNTED else sum(1 for _ in _records(settings, topic, committed))


def _reading_id(record: Message) -> str | None:
    try:
        return wire.reading(_value(record)).reading_id
    except Malformed:
        # Not ours to judge here: the processor and the sink set such a record aside.
        return None


def _alarms(settings: KafkaSettings) -> tuple[dict[str, Raised], set[str]]:
    raised: dict[str, Raised] = {}
    cleared: set[str] = set()
    for record in _records(settings, ALARMS):
        step = wire.alarm(_value(record))
        if step.state == "cleared":
            cleared.add(step.alarm_id)
        elif step.revision == 1:
            raised.setdefault(
                step.alarm_id,
                Raised(
                    reading_id=step.explanation.reading_id,
                    recorded_at_us=record.timestamp()[1] * 1000,
                    user_id=step.user_id,
                    kind=step.kind,
                    priority=step.priority,
                    sentence=step.explanation.sentence,
                ),
            )
    return raised, cleared


def _place(record: Message) -> tuple[int, int]:
    """(partition, offset). The client's types allow None, for messages that were never in Kafka."""
    partition, offset = record.partition(), record.offset()
    if partition is None or offset is None:
        raise AssertionError("a record without its place")
    return partition, offset


def _value(record: Message) -> bytes:
    return record.value() or b""


def _committed(settings: KafkaSettings, group: str, topic: Topic) -> dict[int, int]:
    """Per partition the offset after the last committed record; 0 where nothing is committed."""
    client = consumer(settings, group)
    try:
        asked = [
            TopicPartition(topic.name, partition) for partition in range(partitions_of(client, topic.name))
        ]
        return {found.partition: max(found.offset, 0) for found in _answered(client, asked)}
    finally:
        client.close()


def _answered(client: Consumer, asked: list[TopicPartition]) -> list[TopicPartition]:
    """What is committed; asked again while the group's coordinator moves or loads."""
    deadline_s = time.monotonic() + _TIMEOUT_S
    while True:
        try:
            found: list[TopicPartition] = client.committed(asked, timeout=_TIMEOUT_S)
        except KafkaException as fault:
            if fault.args[0].code() not in _MOVING or time.monotonic() > deadline_s:
                raise
        else:
            return found
        time.sleep(_AGAIN_S)


def _bounds(settings: KafkaSettings, topic: Topic) -> dict[int, tuple[int, int]]:
    client = consumer(settings, "wardstream.report")
    try:
        return _watermarks(client, topic)
    finally:
        client.close()


def _watermarks(client: Consumer, topic: Topic) -> dict[int, tuple[int, int]]:
    return {
        partition: client.get_watermark_offsets(TopicPartition(topic.name, partition), timeout=_TIMEOUT_S)
        for partition in range(partitions_of(client, topic.name))
    }


def _records(
    settings: KafkaSettings, topic: Topic, since: Mapping[int, int] | None = None
) -> Iterator[Message]:
    """Every record between the first (or `since`) and the newest offset of now; `assign`, not `subscribe`, so no group is joined."""
    client = consumer(settings, "wardstream.report", enable_partition_eof=True)
    try:
        bounds = {
            partition: (max(low, (since or {}).get(partition, low)), high)
            for partition, (low, high) in _watermarks(client, topic).items()
        }
        todo = {partition for partition, (low, high) in bounds.items() if high > low}
        client.assign([TopicPartition(topic.name, partition, bounds[partition][0]) for partition in todo])
        while todo:
            for record in client.consume(_BATCH, timeout=1.0):
                # The end can also be reached at a transaction's marker, which is no record.
                partition, offset = _place(record)
                if record.error() is not None or offset + 1 >= bounds[partition][1]:
                    todo.discard(partition)
                if record.error() is None:
                    yield record
    finally:
        client.close()
