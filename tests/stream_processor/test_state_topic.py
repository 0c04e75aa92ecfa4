"""A state topic that would lose or misplace rows: one clear message, exit 1, nothing committed."""

from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.scoring.made import reading
from tests.stream_processor.people import new_person
from tests.stream_processor.processing import Group, group
from tests.stream_processor.topics import Record, write, write_readings
from wardstream.contracts.topics import PARTITIONS, READINGS
from wardstream.local.addresses import Addresses
from wardstream.runtime.kafka import KafkaSettings, client_config, consumer
from wardstream.scoring import progress

pytestmark = pytest.mark.flow
COMPACTED = {"cleanup.policy": "compact"}


def _make(group: Group, partitions: int, config: dict[str, str]) -> None:
    settings = KafkaSettings(kafka_bootstrap=group.servers.kafka_bootstrap)
    admin = AdminClient(client_config(settings))
    topic = NewTopic(f"{group.name}-state", num_partitions=partitions, replication_factor=1, config=config)
    admin.create_topics([topic], operation_timeout=30)[topic.topic].result()


def _committed(group: Group) -> list[int]:
    client = consumer(KafkaSettings(kafka_bootstrap=group.servers.kafka_bootstrap), group.name)
    try:
        places = [TopicPartition(READINGS.name, number) for number in range(PARTITIONS)]
        return [found.offset for found in client.committed(places, timeout=30)]
    finally:
        client.close()


@pytest.mark.parametrize(
    ("partitions", "config", "said"),
    [
        (3, COMPACTED, "has 3 partitions and readings has 8"),
        (PARTITIONS, {"cleanup.policy": "delete"}, "has cleanup.policy=delete"),
        (PARTITIONS, {"cleanup.policy": "compact,delete"}, "has cleanup.policy="),
    ],
)
def test_a_state_topic_of_another_shape_is_refused(
    servers: Addresses, tmp_path: Path, partitions: int, config: dict[str, str], said: str
) -> None:
    with group(servers, tmp_path) as workers:
        _make(workers, partitions, config)
        before = _committed(workers)
        write_readings(servers, [reading(0, user=new_person(), heart_rate_bpm=25)])

        worker = workers.start_unready()

        assert worker.wait() == 1
        assert said in worker.log
        assert "Traceback" not in worker.log
        assert _committed(workers) == before


def test_a_state_that_is_ahead_of_its_topic_is_refused(servers: Addresses, tmp_path: Path) -> None:
    with group(servers, tmp_path) as workers:
        _make(workers, PARTITIONS, COMPACTED)
        ahead = progress.encode({READINGS.name: 10**9})
        write(servers, [Record(f"{workers.name}-state", progress.KEY.decode(), ahead)])

        worker = workers.start_unready()

        assert worker.wait() == 1
        assert "it was made anew" in worker.log
        assert "Traceback" not in worker.log
