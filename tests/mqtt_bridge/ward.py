"""A ward of its own for each test: devices that publish, bridges that carry, and a look at what Kafka got."""

import time
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import paho.mqtt.client as paho
from confluent_kafka import Consumer, KafkaException, TopicPartition
from paho.mqtt.enums import CallbackAPIVersion

from wardstream.contracts import identity, wire
from wardstream.contracts.device import Device
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import Rejected
from wardstream.contracts.topics import BRIDGE_SLOTS, DEVICE_RAW, DEVICES, READINGS, REJECTED
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child
from wardstream.local.ports import LOOPBACK
from wardstream.local.services import service, start_ready
from wardstream.runtime import kafka

PATIENCE_S = 60.0
MEASURED_AT = "2025-11-08T10:23:45.123456Z"
MEASURED_AT_US = 1_762_597_425_123_456


def until(condition: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> None:
    """Waits for `condition`; fails the test, saying `what` it waited for, when time is up."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, f"waited {timeout_s:g} s for {what}"
        time.sleep(0.05)


def native(device_id: str, sequence: int) -> bytes:
    """One native message."""
    said = {"v": 1, "device_id": device_id, "boot": 1, "seq": sequence, "measured_at": MEASURED_AT}
    return msgspec.json.encode(said | {"heart_rate_bpm": 60 + sequence % 40})


def native_id(device_id: str, sequence: int) -> str:
    """The `reading_id` that `native` must come out with."""
    return identity.reading_id(device_id, MEASURED_AT_US, 1, sequence, {})


class Landed(NamedTuple):
    """What Kafka holds of this ward, duplicates included."""

    readings: list[Reading]
    rejected: list[Rejected]

    @property
    def ids(self) -> set[str]:
        """The distinct readings."""
        return {reading.reading_id for reading in self.readings}


class Bridge(NamedTuple):
    """A bridge process and where it answers."""

    child: Child
    health_port: int

    def metric(self, name: str) -> float:
        """The value of a metric without labels."""
        with urllib.request.urlopen(f"http://{LOOPBACK}:{self.health_port}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


class Ward:
    """Topics, sessions and device ids that no other test uses."""

    def __init__(self, servers: Addresses, folder: Path) -> None:
        self.token = uuid.uuid4().hex[:8]
        self.topic = f"ward-{self.token}/device"
        self.servers = servers
        self._folder = folder
        self._bridges: list[Bridge] = []
        self._landed = Landed([], [])
        self._consumer = self._at_the_end()

    def device(self, number: int) -> str:
        """The id of one of this ward's devices."""
        return f"{self.token}-d{number}"

    def bridge(self, name: str = "bridge", *, arguments: tuple[str, ...] = ()) -> Bridge:
        """A bridge for this ward, ready."""
        settings = {"MQTT_TOPIC_FILTERS": f"{self.topic}/+", "MQTT_CLIENT_PREFIX": f"ward-{self.token}"}
        started = service(
            "mqtt_bridge", self.servers, self._folder, name=name, arguments=arguments, settings=settings
        )
        self._bridges.append(Bridge(start_ready(started), started.health_port))
        return self._bridges[-1]

    def register(self, device: Device) -> None:
        """Writes a row of the registry."""
        producer = kafka.producer(self._kafka())
        producer.produce(DEVICES.name, wire.encode(device), device.device_id.encode())
        producer.flush(PATIENCE_S)

    @contextmanager
    def publisher(self) -> Iterator["Gateway"]:
        """A connection that publishes for the ward's devices."""
        gateway = Gateway(self.servers, self.topic)
        try:
            yield gateway
        finally:
            gateway.leave()

    def publish(self, messages: Iterable[tuple[str, bytes]]) -> None:
        """Publishes (device, payload) one after the other and waits until the broker has them."""
        with self.publisher() as gateway:
            for device_id, payload in messages:
                gateway.send(device_id, payload)
            gateway.wait()

    def write_raw(self, records: Iterable[tuple[str, bytes]]) -> None:
        """Appends (key, value) to `device-raw`, as AWS IoT Core's rule does."""
        producer = kafka.producer(self._kafka(), queue_buffering_max_messages=500_000)
        for key, value in records:
            producer.produce(DEVICE_RAW.name, value, key.encode())
        assert producer.flush(PATIENCE_S) == 0

    def landed(self) -> Landed:
        """What has come to Kafka so far, as far as it is this ward's; it may take some calls to see all of it."""
        for message in self._consumer.consume(5000, 0.1):
            if not message.error() and (message.key() or b"").startswith(self.token.encode()):
                self._take(message)
        return self._landed

    def wait_for(self, enough: Callable[[Landed], bool], what: str) -> Landed:
        """What has landed, as soon as it is `enough`."""
        until(lambda: enough(self.landed()), what)
        return self._landed

    def stop(self) -> None:
        """Stops the bridges and looking."""
        for bridge in self._bridges:
            bridge.child.stop()
        self._consumer.close()

    def close(self) -> None:
        """Stops, and deletes the sessions at the broker."""
        self.stop()
        for slot in range(BRIDGE_SLOTS.partitions):
            _forget(self.servers, f"ward-{self.token}-{slot}")

    def _kafka(self) -> kafka.KafkaSettings:
        return kafka.KafkaSettings(kafka_bootstrap=self.servers.kafka_bootstrap)

    def _at_the_end(self) -> Consumer:
        consumer = kafka.consumer(self._kafka(), f"ward-{self.token}")
        places = [
            TopicPartition(topic.name, n) for topic in (READINGS, REJECTED) for n in range(topic.partitions)
        ]
        until(lambda: all(_told_its_end(consumer, place) for place in places), "every partition's leader")
        consumer.assign(places)
        return consumer

    def _take(self, message: Any) -> None:
        if message.topic() == READINGS.name:
            self._landed.readings.append(wire.reading(message.value()))
        else:
            self._landed.rejected.append(wire.rejected(message.value()))


class Gateway:
    """Publishes at QoS 1 from a thread of its own, and comes back when disconnected."""

    def __init__(self, servers: Addresses, topic: str) -> None:
        self._topic = topic
        self.disconnects = 0
        self._unacknowledged: list[paho.MQTTMessageInfo] = []
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        self._client.max_inflight_messages_set(1000)
        self._client.max_queued_messages_set(0)
        self._client.on_disconnect = self._gone
        self._client.connect(servers.mqtt_host, servers.mqtt_port)
        self._client.loop_start()

    def send(self, device_id: str, payload: bytes) -> None:
        """Hands a message over; `wait` tells when the broker has it."""
        self._unacknowledged.append(self._client.publish(f"{self._topic}/{device_id}", payload, qos=1))

    def wait(self) -> None:
        """Waits until the broker has acknowledged everything sent."""
        until(lambda: all(sent.is_published() for sent in self._unacknowledged), "PUBACKs of the broker")
        self._unacknowledged.clear()

    def leave(self) -> None:
        """Disconnects."""
        self._client.disconnect()
        self._client.loop_stop()

    def _gone(self, *_arguments: object) -> None:
        self.disconnects += 1


def _told_its_end(consumer: Consumer, place: TopicPartition) -> bool:
    """Notes the partition's end in `place`; False while a topic just made has no leader yet."""
    try:
        place.offset = consumer.get_watermark_offsets(place, timeout=PATIENCE_S)[1]
    except KafkaException:
        return False
    return True


def _forget(servers: Addresses, client_id: str) -> None:
    """A clean session under the same name makes the broker drop the persistent one."""
    client = paho.Client(
        CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=True, protocol=paho.MQTTv311
    )
    client.connect(servers.mqtt_host, servers.mqtt_port)
    until(lambda: client.loop(0.1) == 0 and client.is_connected(), "the MQTT broker")
    client.disconnect()
