"""A topic, a group and a bucket of its own for each test, the sinks that fill one from the other, and a look at both."""

import io
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path

import pyarrow.parquet as pq
from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions, NewTopic

from wardstream.contracts import wire
from wardstream.contracts.identity import reading_id
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import Rejected
from wardstream.contracts.tables import LAKE_READINGS
from wardstream.contracts.topics import PARTITIONS, REJECTED
from wardstream.lake.query import answered
from wardstream.lake.settings import LakeSettings
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child
from wardstream.local.services import service, start_ready
from wardstream.runtime import aws, kafka
from wardstream.runtime.failure import CannotRun

PATIENCE_S = 60.0
# 2025-11-08T23:59:00Z: a run of readings a second apart crosses midnight.
START_US = 1_762_646_340_000_000
SECOND_US = 1_000_000
Place = tuple[int, int]


def until(condition: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> None:
    """Waits for `condition`; fails the test, saying `what` it waited for, when time is up."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, f"waited {timeout_s:g} s for {what}"
        time.sleep(0.05)


class OwnLake:
    """Where one test's readings come from and go to."""

    def __init__(self, servers: Addresses, folder: Path) -> None:
        self.token = uuid.uuid4().hex[:8]
        self.topic = f"readings-{self.token}"
        self.bucket = f"lake-{self.token}"
        self.servers = servers
        self._folder = folder
        self.sinks: list[Child] = []
        self._kafka = kafka.KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap)
        self._s3 = aws.s3(aws.AwsSettings(aws_endpoint_url_s3=servers.s3_endpoint, aws_region=servers.region))
        self._make_topic()

    def _make_topic(self, name: str | None = None) -> None:
        topic = name or self.topic
        admin = AdminClient(kafka.client_config(self._kafka))
        made = admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
        made[topic].result(PATIENCE_S)
        self._until_known(topic, PARTITIONS)

    def _until_known(self, topic: str, partitions: int) -> None:
        def is_known() -> bool:
            with suppress(CannotRun):
                kafka.require_topics(self._kafka, {topic: partitions})
                return True
            return False

        # A broker says that it has made a topic a moment before it tells others of it.
        until(is_known, f"topic {topic}")

    def make_topic(self, name: str) -> str:
        """Another topic of this test's own."""
        topic = f"{name}-{self.token}"
        self._make_topic(topic)
        return topic

    def remake_topic(self) -> None:
        """Deletes the topic with all that is in it, and makes it anew."""
        admin = AdminClient(kafka.client_config(self._kafka))
        admin.delete_topics([self.topic])[self.topic].result(PATIENCE_S)
        until(lambda: self.topic not in admin.list_topics(timeout=PATIENCE_S).topics, "the topic to be gone")
        self._make_topic()

    def grow_topic(self, partitions: int) -> None:
        """More partitions, as `wardstream repartition` makes them."""
        admin = AdminClient(kafka.client_config(self._kafka))
        admin.create_partitions([NewPartitions(self.topic, partitions)])[self.topic].result(PATIENCE_S)
        self._until_known(self.topic, partitions)

    def make_bucket(self) -> "OwnLake":
        self._s3.create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        return self

    def settings(self, more: Mapping[str, str]) -> dict[str, str]:
        own = {"READINGS_TOPIC": self.topic, "LAKE_BUCKET": self.bucket, "SINK_GROUP": f"sink-{self.token}"}
        # The topics of the whole run's other tests are none of ours.
        quiet = {"ANOMALIES_TOPIC": "", "ALARMS_TOPIC": "", "FLUSH_INTERVAL_S": "0.5"}
        return own | quiet | dict(more)

    def sink(self, name: str = "sink", servers: Addresses | None = None, **more: str) -> Child:
        """A sink of this test's own group, ready; `servers` to reach them by another way."""
        made = service(
            "parquet_sink", servers or self.servers, self._folder, name=name, settings=self.settings(more)
        )
        self.sinks.append(start_ready(made))
        return self.sinks[-1]

    def unready_sink(self, name: str = "sink", servers: Addresses | None = None, **more: str) -> Child:
        """A sink of which nobody expects that it gets ready."""
        made = service(
            "parquet_sink", servers or self.servers, self._folder, name=name, settings=self.settings(more)
        )
        self.sinks.append(Child(made.command))
        return self.sinks[-1]

    def compactor(self, *arguments: str, name: str = "compactor", **more: str) -> Child:
        """A compactor of this lake."""
        own = {"LAKE_BUCKET": self.bucket} | more
        made = service(
            "parquet_sink.compact", self.servers, self._folder, name=name, arguments=arguments, settings=own
        )
        self.sinks.append(Child(made.command))
        return self.sinks[-1]

    def close(self) -> None:
        for child in self.sinks:
            child.stop()

    def reading(self, number: int, *, days_late: int = 0) -> Reading:
        """One reading of one of ten devices, a second after the one before."""
        device = f"{self.token}-d{number % 10}"
        at_us = START_US + number * SECOND_US - days_late * 86_400 * SECOND_US
        return Reading(
            reading_id=reading_id(device, at_us, 1, number, {}),
            device_id=device,
            user_id=device,
            measured_at_us=at_us,
            received_at_us=at_us + 5,
            boot=1,
            sequence=number,
            heart_rate_bpm=60.0 + number % 40,
        )

    def publish(self, readings: Iterable[Reading]) -> None:
        self.publish_bytes((reading.user_id, wire.encode(reading)) for reading in readings)

    def publish_bytes(self, records: Iterable[tuple[str, bytes]], topic: str | None = None) -> None:
        producer = kafka.producer(self._kafka)
        for key, value in records:
            producer.produce(topic or self.topic, key=key, value=value)
        assert producer.flush(PATIENCE_S) == 0

    def in_topic(self) -> dict[Place, bytes]:
        """Every record of the topic by (partition, offset)."""
        return {place: value for place, value in self._read(self.topic) if value is not None}

    def rejected(self) -> list[Rejected]:
        """What was set aside of this topic."""
        found = [wire.rejected(value) for _, value in self._read(REJECTED.name)]
        return [one for one in found if one.topic == self.topic]

    def _read(self, topic: str) -> list[tuple[Place, bytes]]:
        consumer = kafka.consumer(self._kafka, f"look-{uuid.uuid4().hex}")
        try:
            numbers = range(kafka.partitions_of(consumer, topic))
            ends = {n: consumer.get_watermark_offsets(TopicPartition(topic, n))[1] for n in numbers}
            consumer.assign([TopicPartition(topic, n, 0) for n in ends])
            return _drained(consumer, ends)
        finally:
            consumer.close()

    def committed(self) -> dict[int, int]:
        """Where the group goes on, by partition; 0 where it has committed nothing."""
        consumer = kafka.consumer(self._kafka, f"sink-{self.token}")
        places = [TopicPartition(self.topic, n) for n in range(kafka.partitions_of(consumer, self.topic))]
        found: list[TopicPartition] = []

        def answers() -> bool:
            # A group's first coordinator may take a moment to be found.
            with suppress(KafkaException):
                found[:] = consumer.committed(places, timeout=PATIENCE_S)
            return bool(found)

        with closing(consumer):
            until(answers, "the group's coordinator")
        return {one.partition: max(0, one.offset) for one in found}

    def is_committed(self) -> bool:
        """Whether the group has committed everything there is."""
        in_topic, committed = self.in_topic(), self.committed()
        return committed == {n: max((at for p, at in in_topic if p == n), default=-1) + 1 for n in committed}

    def keys(self, table: str = LAKE_READINGS) -> list[str]:
        """The names of all objects of a table."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{table}/")
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def in_files(self) -> list[tuple[str, Place]]:
        """(folder, (partition, offset)) of every row of every file, repeats included."""
        found: list[tuple[str, Place]] = []
        for key in self.keys():
            body = self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            rows = pq.ParquetFile(io.BytesIO(body)).read(["partition", "offset"]).to_pylist()
            found += [(key.split("/")[1], (row["partition"], row["offset"])) for row in rows]
        return found

    def places(self) -> list[Place]:
        """(partition, offset) of every row of every file, repeats included, in order."""
        return sorted(place for _, place in self.in_files())

    def ask(self, sql: str) -> list[dict[str, object]]:
        """The answer of a question to this lake."""
        settings = LakeSettings(
            lake_bucket=self.bucket,
            aws_endpoint_url_s3=self.servers.s3_endpoint,
            aws_region=self.servers.region,
        )
        with answered(sql, settings) as answer:
            rows: list[dict[str, object]] = answer.read_all().to_pylist()
        return rows


def _drained(consumer: Consumer, ends: dict[int, int]) -> list[tuple[Place, bytes]]:
    found: list[tuple[Place, bytes]] = []
    left = {n: end for n, end in ends.items() if end > 0}
    deadline_s = time.monotonic() + PATIENCE_S
    while left:
        assert time.monotonic() < deadline_s, "the topic could not be read back"
        for message in consumer.consume(5000, 0.2):
            assert message.error() is None
            partition, offset = message.partition() or 0, message.offset() or 0
            found.append(((partition, offset), message.value() or b""))
            if offset + 1 >= left.get(partition, 0):
                left.pop(partition, None)
    return found
