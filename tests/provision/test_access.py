"""A secured Kafka: who has no user isn't let in, and who has one may do its own work and no more."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from tests.provision.secured_kafka import SecuredKafka, secured_kafka
from wardstream.contracts.access import SERVICES
from wardstream.contracts.topics import ALARMS, ANOMALIES, READINGS, REJECTED, SINK_GROUP, TOPICS
from wardstream.provision import access
from wardstream.runtime import kafka
from wardstream.runtime.failure import CannotRun

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]
_WAIT_S = 30.0


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    with secured_kafka(tmp_path_factory.mktemp("secured")) as made:
        yield made


def write(secured: SecuredKafka, user: str, topic: str) -> KafkaError | None:
    """What Kafka answered to one record."""
    told: list[KafkaError | None] = []
    producer = kafka.producer(secured.settings(user), delivery_timeout_ms=20_000)
    producer.produce(topic, b"{}", b"key", on_delivery=lambda error, _message: told.append(error))
    producer.flush(_WAIT_S)
    (answer,) = told
    return answer


def shown(secured: SecuredKafka, user: str, topic: str) -> KafkaError | None:
    """What Kafka answered to the question for a topic's partitions, without which nobody reads it."""
    client = kafka.consumer(secured.settings(user), "looks")
    try:
        error: KafkaError | None = client.list_topics(topic, timeout=_WAIT_S).topics[topic].error
        return error
    finally:
        client.close()


def test_a_service_does_its_own_work(secured: SecuredKafka) -> None:
    written = write(secured, "mqtt_bridge", READINGS.name)
    found = shown(secured, "alarm_store", ANOMALIES.name)

    assert (written, found) == (None, None)


@pytest.mark.parametrize(
    ("user", "topic"),
    [("mqtt_bridge", ALARMS.name), ("alarm_store", READINGS.name), ("parquet_sink", ANOMALIES.name)],
)
def test_a_service_writes_nothing_else(secured: SecuredKafka, user: str, topic: str) -> None:
    answer = write(secured, user, topic)

    assert answer is not None
    assert answer.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED


def test_a_service_reads_nothing_else(secured: SecuredKafka) -> None:
    answer = shown(secured, "alarm_store", READINGS.name)

    assert answer is not None
    assert answer.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED


def test_a_service_commits_in_no_other_group(secured: SecuredKafka) -> None:
    admin = AdminClient(kafka.client_config(secured.settings("alarm_store")))
    theirs = ConsumerGroupTopicPartitions(SINK_GROUP, [TopicPartition(ANOMALIES.name, 0, 1)])

    (answer,) = admin.alter_consumer_group_offsets([theirs]).values()
    with pytest.raises(KafkaException) as refused:
        answer.result(_WAIT_S)

    assert refused.value.args[0].code() == KafkaError.GROUP_AUTHORIZATION_FAILED


def test_who_has_no_user_or_another_password_is_told_so(secured: SecuredKafka) -> None:
    for user, password in (("nobody", "guessed"), ("mqtt_bridge", "guessed")):
        with pytest.raises(CannotRun) as refused:
            kafka.require_topics(secured.settings(user, password), {})

        assert "refuses our credentials: check KAFKA_USERNAME and KAFKA_PASSWORD" in str(refused.value)
        assert password not in str(refused.value)


def test_making_users_and_rules_again_is_no_fault(secured: SecuredKafka) -> None:
    assert access.make(secured.administrator) == list(SERVICES)


def test_a_missing_password_is_named(secured: SecuredKafka, tmp_path: Path) -> None:
    nothing = secured.administrator.model_copy(update={"kafka_users_folder": tmp_path})

    with pytest.raises(CannotRun, match="no password for Kafka's user mqtt_bridge"):
        access.make(nothing)


def test_nobody_but_the_bridge_writes_readings() -> None:
    writers = {name for name, may in SERVICES.items() if READINGS.name in may.writes}
    named = {name for may in SERVICES.values() for name in (*may.reads, *may.writes)}

    assert writers == {"mqtt_bridge"}
    assert {topic.name for topic in TOPICS} <= named
    assert "*" not in {name for may in SERVICES.values() for name in may.writes}
    assert REJECTED.name in SERVICES["alarm_store"].writes
