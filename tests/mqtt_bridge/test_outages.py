"""Kafka or the MQTT broker goes away under load and comes back: nothing lost, and no memory filled meanwhile."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from tests.mqtt_bridge.ward import Ward, native, native_id, until
from wardstream.local import http_probe, kafka, mosquitto
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child
from wardstream.local.ports import LOOPBACK, free_ports
from wardstream.local.server import Server
from wardstream.provision import topics
from wardstream.provision.settings import ProvisionSettings

pytestmark = pytest.mark.flow

DEVICES = 20
MESSAGES = 30_000
MOST_GROWTH_BYTES = 64 * 1024 * 1024


class Brokers(NamedTuple):
    """Servers that a test may stop, because nobody else uses them meanwhile."""

    ward: Ward
    kafka: Child
    mosquitto: Child
    mosquitto_server: Server


class OwnKafka(NamedTuple):
    """A broker with the topics, and how to reach it."""

    child: Child
    bootstrap: str


def started(server: Server, stack: ExitStack) -> Child:
    if server.first is not None:
        Child(server.first).wait_for_success(60)
    child = Child(server.command)
    stack.callback(child.stop)
    child.wait_until(server.answers, 60)
    return child


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnKafka]:
    """A broker of these tests' own: it takes long to start, so they hand it on in good order."""
    folder = tmp_path_factory.mktemp("kafka")
    port, controller_port = free_ports(2)
    bootstrap = f"{LOOPBACK}:{port}"
    with ExitStack() as stack:
        child = started(kafka.server(folder, folder, port, controller_port), stack)
        topics.make(ProvisionSettings(kafka_bootstrap=bootstrap))
        yield OwnKafka(child, bootstrap)


@pytest.fixture
def brokers(own_kafka: OwnKafka, tmp_path: Path) -> Iterator[Brokers]:
    """Kafka, a Mosquitto of the test's own, and a ward on them."""
    (port,) = free_ports(1)
    server = mosquitto.server(tmp_path / "mosquitto", tmp_path, port)
    addresses = Addresses(
        kafka_bootstrap=own_kafka.bootstrap,
        mqtt_host=LOOPBACK,
        mqtt_port=port,
        s3_endpoint="",
        dynamodb_endpoint="",
    )
    with ExitStack() as stack:
        child = started(server, stack)
        ward = Ward(addresses, tmp_path)
        stack.callback(ward.stop)
        stack.callback(own_kafka.child.send, signal.SIGCONT)
        yield Brokers(ward, own_kafka.child, child, server)


def load(ward: Ward) -> tuple[list[tuple[str, bytes]], set[str]]:
    said = [(ward.device(number % DEVICES), number // DEVICES) for number in range(MESSAGES)]
    messages = [(device_id, native(device_id, sequence)) for device_id, sequence in said]
    return messages, {native_id(device_id, sequence) for device_id, sequence in said}


def test_kafka_stopped_past_the_session_fills_no_memory_and_loses_nothing(brokers: Brokers) -> None:
    messages, ids = load(brokers.ward)
    bridge = brokers.ward.bridge()
    ready = f"http://{LOOPBACK}:{bridge.health_port}/ready"
    brokers.ward.publish(messages[:1000])
    brokers.ward.wait_for(lambda landed: len(landed.ids) == 1000, "the bridge to be warm")
    before = psutil.Process(bridge.child.pid).memory_info().rss

    brokers.kafka.send(signal.SIGSTOP)
    brokers.ward.publish(messages[1000:])
    until(lambda: http_probe.status_of(ready) == 503, "the bridge to lose its slots and say so")
    grown = psutil.Process(bridge.child.pid).memory_info().rss - before
    brokers.kafka.send(signal.SIGCONT)
    landed = brokers.ward.wait_for(lambda landed: landed.ids >= ids, "every id")

    assert grown < MOST_GROWTH_BYTES
    assert landed.ids == ids
    until(lambda: http_probe.status_of(ready) == 200, "the bridge to be ready again")
    assert bridge.child.exit_code is None


def test_a_bridge_can_leave_while_kafka_does_not_answer(brokers: Brokers) -> None:
    messages, ids = load(brokers.ward)
    bridge = brokers.ward.bridge()

    brokers.kafka.send(signal.SIGSTOP)
    brokers.ward.publish(messages[:2000])
    until(lambda: bridge.metric("wardstream_bridge_in_flight") > 0, "messages to be stuck")
    bridge.child.send(signal.SIGTERM)
    until(lambda: bridge.child.exit_code is not None, "the bridge to leave", timeout_s=20)
    brokers.kafka.send(signal.SIGCONT)
    brokers.ward.bridge("successor")
    landed = brokers.ward.wait_for(lambda landed: len(landed.ids) == 2000, "every id")

    assert bridge.child.exit_code == 0
    assert landed.ids < ids


def test_a_restarted_mqtt_broker_is_found_again(brokers: Brokers) -> None:
    messages, _ = load(brokers.ward)
    bridge = brokers.ward.bridge()
    ready = f"http://{LOOPBACK}:{bridge.health_port}/ready"
    brokers.ward.publish(messages[:1000])

    brokers.mosquitto.stop()
    until(lambda: http_probe.status_of(ready) == 503, "the bridge to miss MQTT and say so")
    with ExitStack() as stack:
        started(brokers.mosquitto_server, stack)
        # Mosquitto forgets shared subscriptions when it restarts: what comes before we are back reaches nobody.
        until(lambda: http_probe.status_of(ready) == 200, "the bridge to be ready again")
        brokers.ward.publish(messages[1000:2000])
        landed = brokers.ward.wait_for(lambda landed: len(landed.ids) == 2000, "every id")
        brokers.ward.stop()

    assert bridge.child.exit_code == 0
    assert landed.rejected == []
