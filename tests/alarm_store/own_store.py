"""Topics, a group, devices and users of its own for each test, the stores that carry them, and a look at the tables."""

import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from boto3.dynamodb.types import TypeDeserializer
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.alarm_store.test_items import ALARM, ANOMALY
from wardstream.contracts import wire
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.anomaly import Anomaly
from wardstream.contracts.identity import anomaly_id
from wardstream.contracts.rejected import Rejected
from wardstream.contracts.tables import ALARM_TABLE, ANOMALY_TABLE
from wardstream.contracts.topics import PARTITIONS, REJECTED
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child
from wardstream.local.services import service, start_ready
from wardstream.runtime import aws, kafka

# DynamoDB Local has been seen to take 12 writes a second where much else runs.
PATIENCE_S = 150.0
SECOND_US = 1_000_000
# What the tests say is years old one day, and with the default DynamoDB would remove it while they look.
TTL_DAYS = 36_500
Row = dict[str, str | Decimal | dict[str, Any]]


def until(condition: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> None:
    """Waits for `condition`; fails the test, saying `what` it waited for, when time is up."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, f"waited {timeout_s:g} s for {what}"
        time.sleep(0.05)


class OwnStore:
    """Where one test's anomalies and alarms come from and go to."""

    def __init__(self, servers: Addresses, folder: Path) -> None:
        self.token = uuid.uuid4().hex[:8]
        self.device = f"{self.token}-device"
        self.user = f"{self.token}-user"
        self.topics = {"ANOMALIES_TOPIC": f"anomalies-{self.token}", "ALARMS_TOPIC": f"alarms-{self.token}"}
        self.servers = servers
        self.stores: list[Child] = []
        self._folder = folder
        self._kafka = kafka.KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap)
        self._dynamodb = aws.dynamodb(
            aws.AwsSettings(aws_endpoint_url_dynamodb=servers.dynamodb_endpoint, aws_region=servers.region)
        )
        admin = AdminClient(kafka.client_config(self._kafka))
        for made in admin.create_topics(
            [NewTopic(one, PARTITIONS, 1) for one in self.topics.values()]
        ).values():
            made.result(PATIENCE_S)

    def store(self, name: str = "store", *, group: str = "store", servers: Addresses | None = None) -> Child:
        """A store, ready; another `group` reads everything anew."""
        own = self.topics | {"STORE_GROUP": f"{group}-{self.token}", "ANOMALY_TTL_DAYS": str(TTL_DAYS)}
        made = service("alarm_store", servers or self.servers, self._folder, name=name, settings=own)
        self.stores.append(start_ready(made))
        return self.stores[-1]

    def unready_store(self, servers: Addresses) -> Child:
        """A store of which nobody expects that it gets ready."""
        made = service("alarm_store", servers, self._folder, settings=self.topics)
        self.stores.append(Child(made.command))
        return self.stores[-1]

    def close(self) -> None:
        for child in self.stores:
            child.stop()

    def anomaly(self, number: int) -> Anomaly:
        reading = f"{self.token}-r{number}"
        return msgspec.structs.replace(
            ANOMALY,
            anomaly_id=anomaly_id(reading, "spo2_pct", "simple_limit"),
            reading_id=reading,
            device_id=self.device,
            user_id=self.user,
            measured_at_us=ANOMALY.measured_at_us + number * SECOND_US,
            value=84.0 - number % 10,
        )

    def alarm(self, number: int, revision: int) -> Alarm:
        return msgspec.structs.replace(
            ALARM,
            alarm_id=f"{self.token}-a{number}",
            user_id=self.user,
            revision=revision,
            state="cleared" if revision > 1 else "active",
        )

    def publish(self, messages: Iterable[Anomaly | Alarm]) -> None:
        self.publish_bytes(
            ("ALARMS_TOPIC" if isinstance(one, Alarm) else "ANOMALIES_TOPIC", wire.encode(one))
            for one in messages
        )

    def publish_bytes(self, records: Iterable[tuple[str, bytes]]) -> None:
        producer = kafka.producer(self._kafka)
        for topic, value in records:
            producer.produce(self.topics[topic], key=self.user, value=value)
        assert producer.flush(PATIENCE_S) == 0

    def committed(self, group: str = "store") -> int:
        """How many records the group has committed, of both topics."""
        places = [TopicPartition(topic, n) for topic in self.topics.values() for n in range(PARTITIONS)]
        found: list[TopicPartition] = []
        consumer = kafka.consumer(self._kafka, f"{group}-{self.token}")

        def answers() -> bool:
            # A group's first coordinator may take a moment to be found.
            with suppress(KafkaException):
                found[:] = consumer.committed(places, timeout=PATIENCE_S)
            return bool(found)

        with closing(consumer):
            until(answers, "the group's coordinator")
        return sum(max(0, one.offset) for one in found)

    def anomalies(self) -> list[Row]:
        """This test's items of the anomaly table, in key order."""
        return self._query(ANOMALY_TABLE, "deviceid", self.device)

    def alarms(self) -> list[Row]:
        """This test's items of the alarm table, in key order."""
        return self._query(ALARM_TABLE, "user_id", self.user)

    def _query(self, table: str, key: str, is_key: str) -> list[Row]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression=f"{key} = :key",
            ExpressionAttributeValues={":key": {"S": is_key}},
            ConsistentRead=True,
        )
        plain = TypeDeserializer().deserialize
        return [
            {name: plain(value) for name, value in item.items()} for page in pages for item in page["Items"]
        ]

    def rejected(self) -> list[Rejected]:
        """What was set aside of this test's topics."""
        consumer = kafka.consumer(self._kafka, f"look-{uuid.uuid4().hex}", enable_partition_eof=True)
        consumer.assign([TopicPartition(REJECTED.name, n, 0) for n in range(PARTITIONS)])
        found: list[Rejected] = []
        ended = 0
        while ended < PARTITIONS:
            for message in consumer.consume(500, 1.0):
                if message.error() is None:
                    found.append(wire.rejected(message.value() or b""))
                else:
                    ended += 1
        consumer.close()
        return [one for one in found if one.topic in self.topics.values()]
