"""When growing is refused: one sentence, exit code 1, and everything as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.own_kafka import provisioned
from tests.repartition.command import counts, repartition
from tests.scoring.made import reading
from tests.stream_processor.people import new_person
from tests.stream_processor.processing import Group, group
from tests.stream_processor.proof import states, wait_until_applied
from tests.stream_processor.topics import Record, write, write_readings
from wardstream.contracts import wire
from wardstream.contracts.alarm_action import SetLimits
from wardstream.contracts.partitions import partition_of
from wardstream.contracts.state_topic import state_topic
from wardstream.contracts.topics import ALARM_ACTIONS, BRIDGE_GROUP, BRIDGE_SLOTS, PARTITIONS
from wardstream.local.addresses import Addresses
from wardstream.runtime.kafka import KafkaSettings, consumer, producer

pytestmark = pytest.mark.flow
_TURNS = 300


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """A Kafka that nothing in this file may change."""
    with provisioned(tmp_path_factory.mktemp("servers")) as cluster:
        yield cluster.addresses


@pytest.fixture
def workers(kafka: Addresses, tmp_path: Path) -> Iterator[Group]:
    with group(kafka, tmp_path) as made:
        yield made


def _refused(kafka: Addresses, workers: Group, partitions: int) -> str:
    """What it said, on one line; nothing may have changed."""
    before, rows = counts(kafka), _rows(kafka, workers)

    code, said = repartition(kafka, workers.name, partitions)

    assert code == 1, said
    assert len(said.strip().splitlines()) == 1, said
    assert said.startswith("wardstream repartition: ")
    assert (counts(kafka), _rows(kafka, workers)) == (before, rows)
    return said


def _rows(kafka: Addresses, workers: Group) -> dict[str, list[int]]:
    if state_topic(workers.name) not in counts(kafka):
        return {}
    return {user: [row.partition for row in rows] for user, rows in states(kafka, workers.name).items()}


def test_as_many_partitions_as_there_are_is_refused(kafka: Addresses, workers: Group) -> None:
    assert "has 8 partitions already: name a larger number" in _refused(kafka, workers, PARTITIONS)


def test_fewer_partitions_are_refused(kafka: Addresses, workers: Group) -> None:
    assert "can't have fewer" in _refused(kafka, workers, PARTITIONS - 1)


def test_a_processor_that_runs_is_refused(kafka: Addresses, workers: Group) -> None:
    workers.start()

    assert f"group {workers.name} has 1 member(s)" in _refused(kafka, workers, 12)


def test_a_bridge_that_runs_is_refused(kafka: Addresses, workers: Group) -> None:
    bridge = consumer(KafkaSettings(kafka_bootstrap=kafka.kafka_bootstrap), BRIDGE_GROUP)
    try:
        bridge.subscribe([BRIDGE_SLOTS.name])
        for _ in range(_TURNS):
            bridge.poll(0.1)
            if bridge.assignment():
                break

        said = _refused(kafka, workers, 12)
    finally:
        bridge.close()

    assert f"group {BRIDGE_GROUP} has 1 member(s)" in said


@pytest.mark.parametrize("has_run", [False, True])
def test_a_reading_that_is_not_applied_is_refused(kafka: Addresses, workers: Group, has_run: bool) -> None:
    user = new_person()
    if has_run:
        worker = workers.start()
        write_readings(kafka, [reading(0, user=user, heart_rate_bpm=70)])
        wait_until_applied(kafka, workers.name)
        assert worker.stop() == 0
    write_readings(kafka, [reading(1, user=user, heart_rate_bpm=70)])

    said = _refused(kafka, workers, 12)

    assert f"has not applied everything in readings (partition {partition_of(user.encode(), 8)}," in said


def test_an_action_that_is_not_applied_is_refused(kafka: Addresses, workers: Group) -> None:
    action = SetLimits(user_id=new_person(), by="nurse", at_us=1)
    write(kafka, [Record(ALARM_ACTIONS.name, action.user_id, wire.encode(action))])

    assert "has not applied everything in alarm-actions" in _refused(kafka, workers, 12)


def test_a_person_with_two_states_is_refused(kafka: Addresses, workers: Group) -> None:
    worker = workers.start()
    user = new_person()
    write_readings(kafka, [reading(0, user=user, heart_rate_bpm=70)])
    wait_until_applied(kafka, workers.name)
    assert worker.stop() == 0
    _copy_state(kafka, workers, user)

    assert "1 people have rows in two partitions" in _refused(kafka, workers, 12)


def _copy_state(kafka: Addresses, workers: Group, user: str) -> None:
    elsewhere = (partition_of(user.encode(), PARTITIONS) + 1) % PARTITIONS
    writer = producer(KafkaSettings(kafka_bootstrap=kafka.kafka_bootstrap))
    writer.produce(state_topic(workers.name), b"\x02\x90", user, elsewhere)
    assert writer.flush(30) == 0
