"""The compacted topic that holds the state: made if it is missing, refused if it would lose or misplace rows."""

import time
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # public, says the client's manual
    AdminClient,
    ConfigResource,
    ResourceType,
)
from confluent_kafka.cimpl import NewTopic

from stream_processor.partition import SOURCES
from stream_processor.settings import ProcessorSettings
from wardstream.contracts import topics
from wardstream.contracts.state_topic import state_topic
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka import client_config, partitions_of, require_topics

_TIMEOUT_S = 30.0
_POLL_S = 0.1
_OUTPUTS = (topics.ANOMALIES, topics.ALARMS, topics.REJECTED)
# Segments small and short-lived enough for Kafka to compact soon: what isn't compacted is read at every takeover.
_SHAPE = {
    "cleanup.policy": "compact",
    "segment.bytes": str(32 * 1024 * 1024),
    "segment.ms": "600000",
    "min.cleanable.dirty.ratio": "0.2",
    # Who was forgotten is gone from Kafka's files by then, however quiet the topic is.
    "max.compaction.lag.ms": str(topics.COMPACTED_WITHIN_MS),
    "max.message.bytes": str(1024 * 1024),
}


def name(settings: ProcessorSettings) -> str:
    """The state topic of this group."""
    return state_topic(settings.processor_group)


def require(settings: ProcessorSettings) -> int:
    """Makes sure that every topic is there and fits the others; the number of partitions. `CannotRun` says what doesn't."""
    require_topics(settings, {topic.name: None for topic in _OUTPUTS} | dict.fromkeys(SOURCES))
    admin = AdminClient(client_config(settings) | {"log_level": 0})
    counts = {topic: partitions_of(admin, topic) for topic in SOURCES}
    wanted = counts[topics.READINGS.name]
    for topic, found in counts.items():
        if found != wanted:
            raise CannotRun(_unequal(topic, found, wanted))
    _make(admin, settings, wanted)
    _wait_until_known(admin, name(settings))
    _check(admin, name(settings), wanted)
    return wanted


def _unequal(topic: str, found: int, wanted: int) -> str:
    return (
        f"topic {topic} has {found} partitions and readings has {wanted}: a person's records would not meet in one "
        "worker. `wardstream repartition` makes them equal"
    )


def _make(admin: AdminClient, settings: ProcessorSettings, partitions: int) -> None:
    replication = settings.kafka_replication
    shape = _SHAPE | {"min.insync.replicas": str(max(1, min(2, replication - 1)))}
    topic = NewTopic(
        name(settings), num_partitions=partitions, replication_factor=replication, config=dict(shape)
    )
    done = admin.create_topics([topic], operation_timeout=_TIMEOUT_S)[name(settings)]
    try:
        done.result()
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise CannotRun(f"Kafka will not create topic {name(settings)}: {error.args[0].str()}") from error


def _wait_until_known(admin: AdminClient, topic: str) -> None:
    """A new topic's metadata reaches clients a moment after it is created."""
    deadline = time.monotonic() + _TIMEOUT_S
    while not admin.list_topics(topic, timeout=_TIMEOUT_S).topics[topic].partitions:
        if time.monotonic() > deadline:
            raise CannotRun(f"Kafka does not tell about topic {topic}, which it has made")
        time.sleep(_POLL_S)


def _check(admin: AdminClient, topic: str, wanted: int) -> None:
    found = partitions_of(admin, topic)
    if found != wanted:
        raise CannotRun(_unequal(topic, found, wanted))
    policy = _policy(admin, topic)
    if policy != "compact":
        raise CannotRun(
            f"topic {topic} has cleanup.policy={policy}, so Kafka would delete people's state after a while: set it to compact"
        )


def _policy(admin: AdminClient, topic: str) -> str:
    resource = ConfigResource(ResourceType.TOPIC, topic)
    done: Any = admin.describe_configs([resource], request_timeout=_TIMEOUT_S)[resource]
    try:
        policy: str = done.result()["cleanup.policy"].value
    except KafkaException as error:
        raise CannotRun(f"the settings of topic {topic} can't be read: {error.args[0].str()}") from error
    return policy
