"""When not to begin: somebody still writes or reads, or something is not applied yet."""

from collections.abc import Iterable
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message
from confluent_kafka.admin import AdminClient

from wardstream.contracts.partitions import partition_of
from wardstream.contracts.topics import ALARM_ACTIONS, READINGS, USER_MODELS
from wardstream.repartition.reading import Reader
from wardstream.repartition.stock import Stock
from wardstream.repartition.writer import MOVED
from wardstream.runtime.failure import CannotRun

SOURCES = (READINGS.name, USER_MODELS.name, ALARM_ACTIONS.name)
_TIMEOUT_S = 30.0


def refuse_counts(counts: dict[str, int], wanted: int) -> None:
    """`CannotRun` if a topic has more partitions than wanted: Kafka can't take any away."""
    for topic, count in counts.items():
        if count > wanted:
            raise CannotRun(
                f"topic {topic} has {count} partitions and can't have fewer: name a larger number"
            )


def refuse_members(admin: AdminClient, group: str) -> None:
    """`CannotRun` if anybody is in the group."""
    done: Any = admin.describe_consumer_groups([group], request_timeout=_TIMEOUT_S)[group]
    try:
        members = len(done.result().members)
    except KafkaException as error:
        # A group that never was has no members either.
        if error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND:
            return
        raise CannotRun(f"Kafka does not tell about group {group}: {error.args[0].str()}") from error
    if members:
        raise CannotRun(f"group {group} has {members} member(s): stop every replica, and run this again")


def refuse_doubled(stock: Stock, topic: str) -> None:
    """`CannotRun` if people have two states: nobody can tell which is right."""
    if stock.doubled:
        raise CannotRun(
            f"{stock.doubled} people have rows in two partitions of {topic}: records were scored after a topic grew by "
            "other means. See docs/operating.md, 'Growing'"
        )


def refuse_unapplied(reader: Reader, group: str, stock: Stock, counts: dict[str, int], wanted: int) -> None:
    """`CannotRun` if a record of a source topic would be met by a worker that no longer has its person's state."""
    for topic in SOURCES:
        committed = reader.committed(topic, counts[topic])
        has_grown = counts[topic] == wanted
        for number, start in committed.items():
            applied = max(start, stock.progress.get(number, {}).get(topic, 0))
            if any(
                _matters(each, number, wanted, has_grown) for each in _after(reader, topic, number, applied)
            ):
                raise CannotRun(
                    f"group {group} has not applied everything in {topic} (partition {number}, from offset {applied}): "
                    "start the processor, wait until its lag is 0, stop it, and run this again"
                )


def _after(reader: Reader, topic: str, number: int, applied: int) -> Iterable[Message]:
    first, end = reader.bounds(topic, number)
    if applied > end:
        raise CannotRun(
            f"{topic} partition {number} was applied up to offset {applied}, but ends at {end}: it was made anew. "
            "See docs/operating.md, 'A topic made anew'"
        )
    start = max(first, applied)
    return reader.records(topic, number, start) if start < end else ()


def _matters(record: Message, number: int, wanted: int, has_grown: bool) -> bool:
    """Not what an earlier run moved; nor, in a topic that has grown, what lies where its person's state will be."""
    if MOVED in dict(record.headers() or ()):
        return False
    key = record.key() or b""
    placed = key.encode() if isinstance(key, str) else key
    return not (has_grown and partition_of(placed, wanted) == number)
