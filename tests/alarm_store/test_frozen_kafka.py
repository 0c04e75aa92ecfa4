"""Kafka stops answering without closing a connection: both consumers still leave in time."""

import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.alarm_store.own_store import until
from tests.alarm_store.test_items import ANOMALY
from wardstream.contracts import wire
from wardstream.contracts.reading import Reading
from wardstream.contracts.topics import ANOMALIES, READINGS
from wardstream.local import kafka as local_kafka
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child
from wardstream.local.ports import LOOPBACK, free_ports
from wardstream.local.services import service, start_ready
from wardstream.provision import topics
from wardstream.provision.settings import ProvisionSettings
from wardstream.runtime import kafka

pytestmark = pytest.mark.flow

RECORDS = {
    ANOMALIES.name: wire.encode(ANOMALY),
    READINGS.name: wire.encode(
        Reading(reading_id="r", device_id="d", user_id="u", measured_at_us=1, received_at_us=2)
    ),
}


class Broker(msgspec.Struct):
    """A broker with all topics and a record in those that are read."""

    child: Child
    addresses: Addresses


@pytest.fixture(scope="module")
def broker(servers: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker of these tests' own, to be frozen."""
    folder = tmp_path_factory.mktemp("kafka")
    port, controller_port = free_ports(2)
    server = local_kafka.server(folder, folder, port, controller_port)
    if server.first is not None:
        Child(server.first).wait_for_success(60)
    child = Child(server.command)
    try:
        child.wait_until(server.answers, 60)
        bootstrap = f"{LOOPBACK}:{port}"
        settings = ProvisionSettings(kafka_bootstrap=bootstrap)
        topics.make(settings)
        producer = kafka.producer(settings)
        for topic, value in RECORDS.items():
            producer.produce(topic, key="u", value=value)
        assert producer.flush(30) == 0
        yield Broker(child, msgspec.structs.replace(servers, kafka_bootstrap=bootstrap))
    finally:
        child.send(signal.SIGCONT)
        child.stop()


def counts(port: int, metric: str) -> bool:
    """Whether the metric is above 0 in any of its labels."""
    with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return any(line.startswith(metric) and float(line.split()[-1]) > 0 for line in lines)


# What is there once the record was taken: of the sink it is held, and its commit is still to come.
@pytest.mark.parametrize(
    ("module", "metric"),
    [("alarm_store", "wardstream_store_written_total"), ("parquet_sink", "wardstream_sink_buffered_rows")],
)
def test_asked_to_leave_with_kafka_frozen_it_leaves_in_time(
    broker: Broker, tmp_path: Path, module: str, metric: str
) -> None:
    made = service(module, broker.addresses, tmp_path, settings={"FLUSH_INTERVAL_S": "3600"})
    running = start_ready(made)
    try:
        until(lambda: counts(made.health_port, metric), "the record to be taken")
        broker.child.send(signal.SIGSTOP)
        asked_s = time.monotonic()
        running.send(signal.SIGTERM)
        until(lambda: running.exit_code is not None, "it to leave", timeout_s=15)
        took_s = time.monotonic() - asked_s
    finally:
        broker.child.send(signal.SIGCONT)
        running.stop()

    assert running.exit_code == 0
    assert took_s < 10
