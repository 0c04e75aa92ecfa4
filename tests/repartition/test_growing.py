"""More partitions: everybody's state, models and alarms go on where they were, also when growing is killed."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions

from tests.own_kafka import provision, provisioned
from tests.repartition.command import counts, repartition, started
from tests.stream_processor.people import new_person, ward
from tests.stream_processor.processing import Group, group
from tests.stream_processor.proof import assert_nothing_lost_nothing_doubled, states, wait_until_applied
from tests.stream_processor.topics import Record, write, write_readings
from wardstream.contracts import wire
from wardstream.contracts.partitions import partition_of
from wardstream.contracts.reading import Reading
from wardstream.contracts.state_topic import state_topic
from wardstream.contracts.topics import DEVICES, KEYED_BY_USER, READINGS, USER_MODELS
from wardstream.contracts.user_model import UserModel, Usual
from wardstream.local.addresses import Addresses
from wardstream.repartition.reading import reader
from wardstream.runtime.kafka import KafkaSettings, consumer

pytestmark = pytest.mark.flow
BEFORE, AFTER = 8, 12
_TIMEOUT_S = 60.0


def _model(user: str) -> Record:
    model = UserModel(
        user_id=user,
        version=3,
        fitted_at_us=1,
        usual={"heart_rate_bpm": Usual(mean=70, spread=5, readings=500)},
    )
    return Record(USER_MODELS.name, user, wire.encode(model))


def _score(servers: Addresses, workers: Group, readings: list[Reading], models: list[Record]) -> None:
    worker = workers.start()
    write(servers, models)
    write_readings(servers, readings)
    wait_until_applied(servers, workers.name)
    assert worker.stop() == 0


def _assert_all_went_on(
    servers: Addresses, workers: Group, readings: list[Reading], modelled: list[str]
) -> None:
    found = assert_nothing_lost_nothing_doubled(servers, workers.name, readings)
    assert {found[user][0].state.model_version for user in modelled} == {3}
    with reader(KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap), "proof") as source:
        for number in range(AFTER):
            keys = source.newest(USER_MODELS.name, number)
            assert {partition_of(key, AFTER) for key in keys} <= {number}
            modelled = [user for user in modelled if user.encode() not in keys]
    assert not modelled


def test_people_go_on_where_they_were_after_their_topics_have_grown(tmp_path: Path) -> None:
    users, modelled = [new_person() for _ in range(40)], [new_person() for _ in range(40)]
    readings = ward(users, rounds=60, seed=5)
    half = len(readings) // 2

    with provisioned(tmp_path / "servers") as kafka, group(kafka.addresses, tmp_path) as workers:
        servers = kafka.addresses
        _score(servers, workers, readings[:half], [_model(user) for user in modelled])
        code, said = repartition(servers, workers.name, AFTER)
        grown = counts(servers)
        made_again = provision(servers)
        _score(servers, workers, readings[half:], [])

        assert code == 0, said
        assert f"readings has {AFTER} partitions" in said
        assert {grown[topic.name] for topic in KEYED_BY_USER} == {AFTER}
        assert (grown[state_topic(workers.name)], grown[DEVICES.name]) == (AFTER, BEFORE)
        assert made_again == []
        assert counts(servers) == grown
        _assert_all_went_on(servers, workers, readings, modelled)


def _has_grown(servers: Addresses, topic: str) -> Callable[[], bool]:
    return lambda: counts(servers)[topic] == AFTER


def _has_rows(servers: Addresses, topic: str) -> Callable[[], bool]:
    """Whether a partition that is new holds something."""

    def asked() -> bool:
        client = consumer(KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap), "proof")
        try:
            places = [TopicPartition(topic, number) for number in range(BEFORE, AFTER)]
            return any(client.get_watermark_offsets(place, timeout=30)[1] for place in places)
        except KafkaException:
            # A partition that has just been made may have no leader yet: not there, ask again.
            return False
        finally:
            client.close()

    return asked


def _killed_once(servers: Addresses, workers: Group, reached: Callable[[], bool]) -> int:
    """Runs the command until that is true, then kills it; the exit code."""
    command = started(servers, workers.name, AFTER)
    deadline = time.monotonic() + _TIMEOUT_S
    while not reached() and command.poll() is None:
        assert time.monotonic() < deadline
    command.kill()
    command.communicate()
    return command.returncode


@pytest.mark.long
def test_growing_that_was_killed_is_finished_by_the_next_run(tmp_path: Path) -> None:
    users, modelled = [new_person() for _ in range(40)], [new_person() for _ in range(40)]
    readings = ward(users, rounds=60, seed=6)
    half = len(readings) // 2

    with provisioned(tmp_path / "servers") as kafka, group(kafka.addresses, tmp_path) as workers:
        servers = kafka.addresses
        state = state_topic(workers.name)
        _score(servers, workers, readings[:half], [_model(user) for user in modelled])
        points = (
            _has_grown(servers, state),
            _has_rows(servers, state),
            _has_grown(servers, USER_MODELS.name),
        )
        killed = [_killed_once(servers, workers, point) for point in points]
        between = counts(servers)
        too_early = workers.start_unready()
        refused = too_early.wait()
        code, said = repartition(servers, workers.name, AFTER)
        grown = counts(servers)
        _score(servers, workers, readings[half:], [])

        assert killed == [-9, -9, -9]
        assert between[READINGS.name] == BEFORE
        assert refused == 1
        assert "`wardstream repartition`" in too_early.log
        assert code == 0, said
        assert {grown[topic.name] for topic in KEYED_BY_USER} | {grown[state]} == {AFTER}
        _assert_all_went_on(servers, workers, readings, modelled)


def test_topics_that_grew_by_hand_are_put_right(tmp_path: Path) -> None:
    users = [new_person() for _ in range(40)]
    readings = ward(users, rounds=20, seed=7)

    with provisioned(tmp_path / "servers") as kafka, group(kafka.addresses, tmp_path) as workers:
        servers = kafka.addresses
        _score(servers, workers, readings, [])
        before = states(servers, workers.name)
        _grow_by_hand(servers, (state_topic(workers.name), *(topic.name for topic in KEYED_BY_USER)))
        code, said = repartition(servers, workers.name, AFTER)
        again, why = repartition(servers, workers.name, AFTER)

        assert code == 0, said
        assert (again, f"every topic has {AFTER} partitions already" in why) == (1, True)
        after = assert_nothing_lost_nothing_doubled(servers, workers.name, readings)
        assert any(before[user][0].partition != after[user][0].partition for user in users)


def _grow_by_hand(servers: Addresses, topics: tuple[str, ...]) -> None:
    admin = AdminClient({"bootstrap.servers": servers.kafka_bootstrap})
    for done in admin.create_partitions([NewPartitions(topic, AFTER) for topic in topics]).values():
        done.result()
    deadline = time.monotonic() + _TIMEOUT_S
    while any(counts(servers)[topic] != AFTER for topic in topics):
        assert time.monotonic() < deadline
