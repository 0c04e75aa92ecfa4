"""The first promise, end to end: what a device was told to be whole is in Kafka, whatever the MQTT broker forgot."""

import signal
from pathlib import Path

import msgspec
import pytest

from iot_simulator.kept import Kept
from tests.iot_simulator.broker import running, until
from tests.iot_simulator.simulator import simulating
from wardstream.contracts.ledger import Sent
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child
from wardstream.local.services import service, start_ready
from wardstream.report import kafka
from wardstream.runtime.kafka import KafkaSettings

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]

_DEVICES = ("--devices", "30", "--profile", "native", "--interval", "0.2", "--device-prefix", "acked_")


def _carried(sent: list[Sent]) -> set[str]:
    return {line.id for line in sent if line.carried_at_us is not None}


def test_nothing_told_to_be_whole_is_missing_after_the_broker_the_bridge_and_the_devices_were_killed(
    servers: Addresses, tmp_path: Path
) -> None:
    keep = ("--keep", str(tmp_path / "kept.sqlite"))
    children: list[Child] = []

    with running(tmp_path / "broker") as broker:
        own = msgspec.structs.replace(servers, mqtt_port=broker.port)
        there = (*_DEVICES, "--port", str(broker.port), *keep)

        def started(module: str, name: str) -> Child:
            children.append(
                start_ready(
                    service(
                        module,
                        own,
                        tmp_path,
                        name=name,
                        settings={"MQTT_CLIENT_PREFIX": f"own-{broker.port}"},
                    )
                )
            )
            return children[-1]

        try:
            bridge = started("mqtt_bridge", "bridge-1")
            started("mqtt_bridge.acker", "acker")
            with simulating(tmp_path / "one", *there) as first:
                until(lambda: len(_carried(first.sent())) > 300, 60)
                bridge.send(signal.SIGKILL)
                until(lambda: len(first.sent()) > 900, 60)
                broker.kill()
                # It knows no shared subscription now: what devices say is acknowledged by it and goes nowhere.
                broker.start()
                before = len(first.sent())
                until(lambda: len(first.sent()) > before + 300, 60)
                started("mqtt_bridge", "bridge-2")
                first.process.kill()
                first.process.wait(30)
            with simulating(tmp_path / "two", *there, "--duration", "5", "--drain", "90") as second:
                code = second.wait(180)
        finally:
            for child in children:
                child.stop()

    said, summary = [*first.sent(), *second.sent()], second.summary()
    found = kafka.survey(KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap))
    assert code == 0
    assert summary.owed == 0
    assert list(Kept(tmp_path / "kept.sqlite").rows(f"acked_{n}" for n in range(30))) == []
    assert _carried(said) <= found.readings.keys()
    lost_by_the_broker = {line.id for line in said if line.acknowledged_at_us is not None} - _carried(
        first.sent()
    )
    assert len(lost_by_the_broker) > 300
    assert {line.id for line in said} <= found.readings.keys()
