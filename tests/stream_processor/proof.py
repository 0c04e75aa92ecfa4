"""Nothing lost, nothing doubled: what lies in Kafka after a test, against a pure recomputation."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

from confluent_kafka import TopicPartition

from tests.stream_processor.people import expected
from wardstream.contracts import wire
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.partitions import partition_of
from wardstream.contracts.reading import Reading
from wardstream.contracts.state_topic import state_topic
from wardstream.contracts.topics import ALARM_ACTIONS, ALARMS, ANOMALIES, READINGS, USER_MODELS
from wardstream.local.addresses import Addresses
from wardstream.repartition.reading import Reader, reader
from wardstream.runtime.kafka import KafkaSettings, consumer, partitions_of
from wardstream.scoring import progress, rows
from wardstream.scoring.state import PatientState

_TIMEOUT_S = 90.0
_POLL_S = 0.1
SOURCES = (READINGS.name, USER_MODELS.name, ALARM_ACTIONS.name)


class Row(NamedTuple):
    """A person's row in the state topic."""

    partition: int
    version: int
    state: PatientState


def lag(servers: Addresses, group: str) -> int:
    """How many records the group has not committed."""
    client = consumer(KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap), group)
    try:
        places = [
            TopicPartition(topic, number)
            for topic in SOURCES
            for number in range(partitions_of(client, topic))
        ]
        done = client.committed(places, timeout=_TIMEOUT_S)
        return sum(client.get_watermark_offsets(each)[1] - max(0, each.offset) for each in done)
    finally:
        client.close()


def wait_until_applied(servers: Addresses, group: str, timeout_s: float = _TIMEOUT_S) -> None:
    """Until the group has committed everything."""
    deadline = time.monotonic() + timeout_s
    while left := lag(servers, group):
        assert time.monotonic() < deadline, f"{left} records are not applied"
        time.sleep(_POLL_S)


def states(servers: Addresses, group: str) -> dict[str, list[Row]]:
    """Every person's rows; there should be one each."""
    found: dict[str, list[Row]] = {}
    with _reader(servers, group) as source:
        topic = state_topic(group)
        for number in range(_count(servers, topic)):
            for key, row in source.newest(topic, number).items():
                if key != progress.KEY:
                    found.setdefault(key.decode(), []).append(Row(number, row[0], rows.decode(row)))
    return found


def assert_nothing_lost_nothing_doubled(
    servers: Addresses, group: str, readings: Sequence[Reading]
) -> dict[str, list[Row]]:
    """State, anomalies and alarms of everybody in `readings`, exactly once each; returns the states."""
    wanted = expected(readings)
    found = states(servers, group)
    counted = {user: [row.state.readings for row in found.get(user, [])] for user in wanted.counted}
    wrong = {
        user: (counted[user], count) for user, count in wanted.counted.items() if counted[user] != [count]
    }
    assert not wrong, f"(rows' counts, wanted) of {len(wrong)} of {len(counted)} people: {wrong}"
    count = _count(servers, state_topic(group))
    for user, (row,) in found.items():
        assert row.partition == partition_of(user.encode(), count)
    with _reader(servers, group) as source:
        anomaly_ids = [wire.anomaly(value).anomaly_id for value in _values(servers, source, ANOMALIES.name)]
        said = [wire.alarm(value) for value in _values(servers, source, ALARMS.name)]
    assert sorted(anomaly_ids) == sorted(wanted.anomaly_ids)
    assert _by_step(said) == _by_step(list(wanted.alarms.values()))
    return found


def _by_step(alarms: list[Alarm]) -> list[Alarm]:
    return sorted(alarms, key=lambda alarm: (alarm.alarm_id, alarm.revision))


def _values(servers: Addresses, source: Reader, topic: str) -> list[bytes]:
    return [
        record.value() or b""
        for number in range(_count(servers, topic))
        for record in source.records(topic, number)
    ]


def _reader(servers: Addresses, group: str) -> AbstractContextManager[Reader]:
    return reader(KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap), f"{group}.proof")


def _count(servers: Addresses, topic: str) -> int:
    client = consumer(KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap), "proof")
    try:
        return partitions_of(client, topic)
    finally:
        client.close()
