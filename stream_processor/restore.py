"""Reading the state topic back: the newest row of everybody, and how far the partition has come."""

import time
from typing import Any, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # public, says the client's manual

from stream_processor.partition import SOURCES
from wardstream.contracts.topics import READINGS
from wardstream.runtime import kafka
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka import KafkaSettings
from wardstream.scoring import progress
from wardstream.scoring.rows import check

_BATCH = 10_000
_PATIENCE_S = 60.0
_POLL_S = 0.05


class Restored(NamedTuple):
    """One partition's rows by key, and the next offset of each source topic."""

    rows: dict[bytes, bytes]
    next_offsets: dict[str, int]


def restored(settings: KafkaSettings, state_topic: str, partitions: list[int]) -> dict[int, Restored]:
    """What the state topic holds of `partitions`, all read at once; commits nothing and joins no group.

    To be called once the fences are open: what another worker writes after that does not count. `CannotRun` if a row
    can't be used, if the state topic grows just now, or if a source topic is shorter than what was already applied of it.
    """
    found = {partition: Restored({}, {}) for partition in partitions}
    reader = kafka.consumer(
        settings,
        f"{state_topic}.restore",
        enable_partition_eof=True,
        fetch_wait_max_ms=50,
        fetch_max_bytes=64 << 20,
    )
    try:
        _check_counts(reader, state_topic)
        reader.assign([TopicPartition(state_topic, partition, OFFSET_BEGINNING) for partition in partitions])
        _read_to_the_end(reader, found)
    finally:
        reader.close()
    _check_sources(settings, found)
    return found


def _check_counts(reader: Consumer, state_topic: str) -> None:
    """Once more: `wardstream repartition` may have begun since this worker looked first, and have moved people away."""
    state, readings = kafka.partitions_of(reader, state_topic), kafka.partitions_of(reader, READINGS.name)
    if state != readings:
        raise CannotRun(
            f"topic {state_topic} has {state} partitions and readings has {readings}: finish `wardstream repartition`"
        )


def _read_to_the_end(reader: Consumer, found: dict[int, Restored]) -> None:
    todo = set(found)
    patient_until_s = time.monotonic() + _PATIENCE_S
    while todo:
        # It waits for a full batch or the whole of the timeout.
        messages = reader.consume(_BATCH, timeout=_POLL_S)
        if messages:
            patient_until_s = time.monotonic() + _PATIENCE_S
        elif time.monotonic() > patient_until_s:
            raise CannotRun(f"Kafka has not handed out the state for {_PATIENCE_S:.0f} s")
        for message in messages:
            error, partition = message.error(), message.partition()
            if error is None:
                _take(found[partition or 0], message.key(), message.value())
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 -- librdkafka's public name for it
                todo.discard(partition)
            elif not error.retriable():
                raise CannotRun(f"the state can't be read: {error.str()}")


def _take(into: Restored, key: bytes | None, value: bytes | None) -> None:
    if key is None:
        raise CannotRun("the state topic holds a record without key: is it another application's?")
    try:
        if key == progress.KEY:
            into.next_offsets.clear()
            into.next_offsets.update(progress.decode(value or b""))
        elif value is None:
            into.rows.pop(key, None)
        else:
            into.rows[key] = check(value)
    except ValueError as error:
        raise CannotRun(
            f"a row of the state topic can't be read ({error}): run the build that wrote it"
        ) from error


def _check_sources(settings: KafkaSettings, found: dict[int, Restored]) -> None:
    """Offsets that lie beyond a topic's end would make us skip all that comes."""
    latest: Any = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # the client's
    asked = {TopicPartition(topic, partition): latest for partition in found for topic in SOURCES}
    admin = AdminClient(kafka.client_config(settings))
    ends: Any = admin.list_offsets(asked, request_timeout=_PATIENCE_S)
    for place, done in ends.items():
        try:
            end = done.result().offset
        except KafkaException as error:
            raise CannotRun(f"the end of {place.topic} can't be read: {error.args[0].str()}") from error
        applied = found[place.partition].next_offsets.get(place.topic, 0)
        if applied > end:
            raise CannotRun(
                f"the state has applied {place.topic} partition {place.partition} up to offset {applied}, but the topic "
                f"ends at {end}: it was made anew. See docs/operating.md, 'A topic made anew'"
            )
