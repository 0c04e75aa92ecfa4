"""What the topics hold at the end, beside what a pure recomputation says they must hold."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from confluent_kafka import KafkaError, Message, TopicPartition

from wardstream.contracts import wire
from wardstream.contracts.reading import Reading
from wardstream.contracts.topics import ALARMS, ANOMALIES, PARTITIONS
from wardstream.local.addresses import Addresses
from wardstream.runtime.kafka import KafkaSettings, consumer
from wardstream.scoring import progress, rows
from wardstream.scoring.limits import DEFAULTS
from wardstream.scoring.scorer import score
from wardstream.scoring.state import PatientState


class Outcome(NamedTuple):
    """States by user; how often each anomaly, and each step of each alarm, is there."""

    states: dict[str, PatientState]
    anomalies: Counter[str]
    alarms: Counter[tuple[str, int]]


def recomputed(readings: Sequence[Reading]) -> Outcome:
    """By the scorer alone, in the order written."""
    states: dict[str, PatientState] = {}
    anomalies: Counter[str] = Counter()
    alarms: Counter[tuple[str, int]] = Counter()
    for each in readings:
        said = score(states.setdefault(each.user_id, PatientState()), each, DEFAULTS)
        anomalies.update(anomaly.anomaly_id for anomaly in said.anomalies)
        alarms.update((alarm.alarm_id, alarm.revision) for alarm in said.alarms)
    return Outcome(states, anomalies, alarms)


def found(servers: Addresses, state_topic: str, users: set[str]) -> Outcome:
    """As somebody reads it who sees only what is committed."""
    states: dict[str, PatientState] = {}
    for message in _records(servers, state_topic):
        key = message.key() or b""
        if key != progress.KEY and key.decode() in users:
            states[key.decode()] = rows.decode(message.value() or b"")
    anomalies = [wire.anomaly(message.value() or b"") for message in _records(servers, ANOMALIES.name)]
    alarms = [wire.alarm(message.value() or b"") for message in _records(servers, ALARMS.name)]
    return Outcome(
        states,
        Counter(each.anomaly_id for each in anomalies if each.user_id in users),
        Counter((each.alarm_id, each.revision) for each in alarms if each.user_id in users),
    )


def _records(servers: Addresses, topic: str) -> Iterator[Message]:
    reader = consumer(
        KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap), "tests-oracle", enable_partition_eof=True
    )
    try:
        reader.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
        todo = PARTITIONS
        while todo:
            for message in reader.consume(10_000, timeout=0.2):
                error = message.error()
                if error is None:
                    yield message
                else:
                    assert error.code() == KafkaError._PARTITION_EOF
                    todo -= 1
    finally:
        reader.close()


def differences(wanted: Outcome, there: Outcome) -> list[str]:
    """In words; empty if they are the same. Readings counted, not only states compared: a test of one must not pass by the other."""
    said = []
    wrong = [user for user, state in wanted.states.items() if there.states.get(user) != state]
    if wrong:
        off = sum(
            (there.states[user].readings if user in there.states else 0) - wanted.states[user].readings
            for user in wrong
        )
        said.append(f"{len(wrong)} of {len(wanted.states)} people's states differ, by {off} readings in all")
    for name, want, have in (
        ("anomalies", wanted.anomalies, there.anomalies),
        (
            "alarm steps",
            Counter(map(str, wanted.alarms.elements())),
            Counter(map(str, there.alarms.elements())),
        ),
    ):
        lost, doubled = want - have, have - want
        if lost or doubled:
            said.append(f"{name}: {lost.total()} lost, {doubled.total()} too many, of {want.total()}")
    return said
