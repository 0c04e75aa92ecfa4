"""Kafka topics as `contracts.topics` names them."""

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from wardstream.contracts.topics import BRIDGE_SLOTS, COMPACTED_WITHIN_MS, TOPICS, Topic
from wardstream.provision.settings import ProvisionSettings
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka import client_config, require_topics

_TIMEOUT_S = 30.0


def configuration(topic: Topic, replication: int) -> dict[str, str]:
    """The topic's own Kafka settings. With three copies or more, a write needs two of them."""
    shared = {"min.insync.replicas": str(max(1, min(2, replication - 1)))}
    if topic.retention_ms is None:
        return shared | {
            "cleanup.policy": "compact",
            "max.compaction.lag.ms": str(COMPACTED_WITHIN_MS),
        }
    return shared | {"cleanup.policy": "delete", "retention.ms": str(topic.retention_ms)}


def wanted(settings: ProvisionSettings) -> list[NewTopic]:
    """Every topic as it is made where it is missing."""
    return [
        NewTopic(
            topic.name,
            num_partitions=_partitions(topic, settings),
            replication_factor=settings.kafka_replication,
            config=configuration(topic, settings.kafka_replication),
        )
        for topic in TOPICS
    ]


def make(settings: ProvisionSettings) -> list[str]:
    """Creates the topics that are missing and returns their names; `CannotRun` if one exists in another shape."""
    require_topics(settings, {})
    admin = AdminClient(client_config(settings))
    made = [
        name
        for name, done in admin.create_topics(wanted(settings), operation_timeout=_TIMEOUT_S).items()
        if _is_new(name, done)
    ]
    _wait_until_known(settings, admin)
    return made


def _partitions(topic: Topic, settings: ProvisionSettings) -> int:
    # The bridge's slots are MQTT sessions, not a share of the load.
    return topic.partitions if topic == BRIDGE_SLOTS else max(topic.partitions, settings.kafka_partitions)


def _is_new(name: str, done: object) -> bool:
    try:
        done.result()  # type: ignore[attr-defined]  # a concurrent Future; the client's stubs say object
    except KafkaException as error:
        if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        raise CannotRun(f"Kafka will not create topic {name}: {error.args[0].str()}") from error
    return True


def _wait_until_known(settings: ProvisionSettings, admin: AdminClient) -> None:
    """A new topic's metadata reaches clients a moment after it is created; who comes next should find it."""
    for topic in TOPICS:
        admin.list_topics(topic.name, timeout=_TIMEOUT_S)
    require_topics(settings, {topic.name: topic.partitions for topic in TOPICS})
