"""What a test says to Kafka and hears from it."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from confluent_kafka import Message, TopicPartition

from wardstream.contracts import wire
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.anomaly import Anomaly
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import Rejected
from wardstream.contracts.topics import ALARMS, ANOMALIES, READINGS, REJECTED
from wardstream.local.addresses import Addresses
from wardstream.runtime.kafka import KafkaSettings, consumer, partitions_of, producer

_TIMEOUT_S = 60.0


class Record(NamedTuple):
    """A record to be written."""

    topic: str
    key: str
    value: bytes | None


def write(servers: Addresses, records: Iterable[Record]) -> list[int]:
    """Writes in order; returns each one's partition once Kafka has everything."""
    partitions: dict[int, int] = {}

    def written(number: int, error: object, message: Message) -> None:
        # Partitions answer in any order.
        assert error is None
        partitions[number] = message.partition() or 0

    writer = producer(KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap))
    for number, record in enumerate(records):
        writer.produce(record.topic, record.value, record.key, on_delivery=partial(written, number))
        writer.poll(0)
    assert writer.flush(_TIMEOUT_S) == 0
    return [partitions[number] for number in range(len(partitions))]


def write_readings(servers: Addresses, readings: Iterable[Reading]) -> list[int]:
    """Writes readings as the bridge does."""
    return write(servers, (Record(READINGS.name, each.user_id, wire.encode(each)) for each in readings))


class Heard:
    """Everything said on `anomalies`, `alarms` and `readings.rejected` about some people since this began."""

    def __init__(self, servers: Addresses, users: set[str]) -> None:
        self._users = users
        self._reader = consumer(KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap), "tests-listen-only")
        self._reader.assign(
            [
                TopicPartition(topic.name, partition, self._end(topic.name, partition))
                for topic in (ANOMALIES, ALARMS, REJECTED)
                for partition in range(partitions_of(self._reader, topic.name))
            ]
        )
        self.anomalies: list[Anomaly] = []
        self.alarms: list[Alarm] = []
        self.rejected: list[Rejected] = []
        self.partitions: set[int] = set()

    def _end(self, topic: str, partition: int) -> int:
        end: int = self._reader.get_watermark_offsets(TopicPartition(topic, partition))[1]
        return end

    @property
    def steps(self) -> set[tuple[str, int]]:
        """(alarm id, revision) of every alarm step heard."""
        return {(alarm.alarm_id, alarm.revision) for alarm in self.alarms}

    @property
    def anomaly_ids(self) -> set[str]:
        """The ids of every anomaly heard."""
        return {anomaly.anomaly_id for anomaly in self.anomalies}

    def until(self, enough: Callable[["Heard"], bool], timeout_s: float = _TIMEOUT_S) -> None:
        """Listens until that is true."""
        deadline = time.monotonic() + timeout_s
        while not enough(self):
            assert time.monotonic() < deadline, f"heard only {self.summary()}"
            for message in self._reader.consume(500, timeout=0.2):
                self._take(message)

    def summary(self) -> str:
        return (
            f"{len(self.anomalies)} anomalies, {len(self.alarms)} alarm steps, {len(self.rejected)} refusals"
        )

    def _take(self, message: Message) -> None:
        assert message.error() is None
        key, value = (message.key() or b"").decode(), message.value() or b""
        if key not in self._users:
            return
        self.partitions.add(message.partition() or 0)
        if message.topic() == ANOMALIES.name:
            self.anomalies.append(wire.anomaly(value))
        elif message.topic() == ALARMS.name:
            self.alarms.append(wire.alarm(value))
        else:
            self.rejected.append(wire.rejected(value))

    def close(self) -> None:
        self._reader.close()


@contextmanager
def listening(servers: Addresses, users: set[str]) -> Iterator[Heard]:
    """Listens from now on."""
    heard = Heard(servers, users)
    try:
        yield heard
    finally:
        heard.close()
