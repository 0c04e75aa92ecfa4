"""Three brokers, three copies, and brokers killed while readings flow: states, anomalies and alarms as if nothing had been."""

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.flow.kill import chaos, oracle
from tests.flow.kill.feed import Feed
from tests.own_kafka import provisioned
from tests.stream_processor.people import new_person
from tests.stream_processor.processing import Group, group
from wardstream.contracts.state_topic import state_topic
from wardstream.contracts.topics import READINGS
from wardstream.local.cluster import Cluster

pytestmark = [pytest.mark.flow, pytest.mark.long, pytest.mark.timeout(900)]
COPIES = 3
USERS, PER_S = 12, 300
_REPLICATED = {"KAFKA_REPLICATION": str(COPIES)}
# Of readings, once the others have noticed that a broker is away.
_A_WHILE = 3 * PER_S
_TIMEOUT_S = 240.0
_POLL_S = 0.2


class Supervised:
    """A group with one worker, started again whenever it has ended."""

    def __init__(self, workers: Group) -> None:
        self.workers = workers
        self.starts = 0

    def look(self) -> None:
        if not self.workers.is_any_running:
            self.starts += 1
            self.workers.start_unready(_REPLICATED)

    def until(self, done: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _TIMEOUT_S
        while not done():
            assert time.monotonic() < deadline, f"waited in vain until {what}"
            self.look()
            time.sleep(_POLL_S)


def _admin(kafka: Cluster) -> AdminClient:
    return AdminClient({"bootstrap.servers": kafka.addresses.kafka_bootstrap, "log_level": 0})


def _leaders(kafka: Cluster, topic: str) -> list[int]:
    """The number of the broker that leads each partition; Kafka's node ids begin with 1."""
    found = _admin(kafka).list_topics(topic, timeout=60).topics[topic].partitions.values()
    return [each.leader - 1 for each in found]


def _coordinator(kafka: Cluster, name: str) -> int:
    # The client must outlive its answer.
    admin = _admin(kafka)
    found = admin.describe_consumer_groups([name], request_timeout=60)[name].result()
    return int(found.coordinator.id) - 1


def _is_whole(kafka: Cluster) -> bool:
    """Whether every copy of every partition is in sync."""
    try:
        topics = _admin(kafka).list_topics(timeout=5).topics.values()
    except KafkaException:
        return False
    return all(len(each.isrs) == COPIES for topic in topics for each in topic.partitions.values())


def _killed_and_started_again(
    kafka: Cluster, number: int, state: str, feed: Feed, supervised: Supervised
) -> None:
    kafka.brokers[number].send(signal.SIGKILL)
    kafka.brokers[number].stop()
    supervised.until(lambda: number not in _leaders(kafka, state), "others lead what that broker led")
    enough = len(feed.written) + _A_WHILE
    supervised.until(lambda: len(feed.written) >= enough, "readings flow without that broker")
    kafka.start(number)
    kafka.wait(number)


def test_brokers_that_are_killed_and_come_back_cost_no_reading_no_anomaly_and_no_alarm(
    tmp_path: Path,
) -> None:
    seed = random.SystemRandom().randint(1, 10**6)
    users = [new_person() for _ in range(USERS)]

    with (
        provisioned(tmp_path / "servers", COPIES) as kafka,
        group(kafka.addresses, tmp_path) as workers,
    ):
        supervised = Supervised(workers)
        feed = Feed(kafka.addresses, users, seed, PER_S)
        workers.start(_REPLICATED)
        state = state_topic(workers.name)
        feed.start()
        victims = []
        # Who coordinates the group, who leads part of the state, who leads part of the readings: at that moment.
        choices: tuple[Callable[[], int], ...] = (
            lambda: _coordinator(kafka, workers.name),
            lambda: _leaders(kafka, state)[0],
            lambda: _leaders(kafka, READINGS.name)[0],
        )
        try:
            for chosen in choices:
                supervised.until(lambda: _is_whole(kafka), "every copy is in sync")
                victims.append((chosen(), _leaders(kafka, state)))
                _killed_and_started_again(kafka, victims[-1][0], state, feed, supervised)
        finally:
            feed.stop()
        chaos.settle(workers)
        workers.stop()
        wanted = oracle.recomputed(feed.written)
        there = oracle.found(kafka.addresses, state, set(users))

    print(
        f"seed {seed}: killed {victims}; {len(feed.written)} readings, {wanted.anomalies.total()} anomalies, "
    )
    print(f"{wanted.alarms.total()} alarm steps; worker started again {supervised.starts} times")
    assert oracle.differences(wanted, there) == [], f"seed {seed}"
    assert wanted.alarms.total() > USERS
    # Each of them led part of the state when it was killed.
    assert all(victim in leaders for victim, leaders in victims)
