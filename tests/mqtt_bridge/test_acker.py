"""The acker on real Kafka and Mosquitto: killed, relieved and started again, it acknowledges what Kafka has and no more."""

import signal
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.groups import skip_what_is_there
from tests.mqtt_bridge.data_plane import data_plane
from tests.mqtt_bridge.ward import Ward, native, until
from wardstream.contracts import wire
from wardstream.contracts.ack import Ack
from wardstream.contracts.topics import ACKER_GROUP, READINGS, REJECTED, ack_topic
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child
from wardstream.local.services import service, start_ready
from wardstream.runtime.kafka import KafkaSettings

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]


class Listener:
    """Hears what the devices of one ward are told."""

    def __init__(self, servers: Addresses, devices: list[str]) -> None:
        self.heard: dict[str, list[Ack]] = {device: [] for device in devices}
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        self._client.on_message = self._on_message
        subscribed: list[int] = []
        self._client.on_subscribe = lambda *_a: subscribed.append(1)
        self._client.connect(servers.mqtt_host, servers.mqtt_port)
        self._client.loop_start()
        self._client.subscribe([(ack_topic(device), 1) for device in devices])
        until(lambda: bool(subscribed), "the subscription")

    def last(self, device: str) -> Ack | None:
        """The newest word to a device."""
        return self.heard[device][-1] if self.heard[device] else None

    def leave(self) -> None:
        """Disconnects."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client: paho.Client, _userdata: object, message: paho.MQTTMessage) -> None:
        self.heard[message.topic.split("/")[2]].append(wire.ack(bytes(message.payload)))


@pytest.fixture
def ward(servers: Addresses, tmp_path: Path) -> Iterator[Ward]:
    made = Ward(servers, tmp_path)
    try:
        yield made
    finally:
        made.close()


def test_a_device_is_told_how_far_it_is_whole_across_kills_and_a_change_of_hands(
    ward: Ward, servers: Addresses, tmp_path: Path
) -> None:
    # What other tests left is much by now.
    skip_what_is_there(
        KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap), ACKER_GROUP, (READINGS.name, REJECTED.name)
    )
    ward.bridge()
    ackers: list[Child] = []

    def acker() -> Child:
        ackers.append(
            start_ready(service("mqtt_bridge.acker", servers, tmp_path, name=f"acker-{len(ackers)}"))
        )
        return ackers[-1]

    first, second = ward.device(1), ward.device(2)
    listener = Listener(servers, [first, second])
    try:
        active = acker()
        # Number 3 is missing, number 2 is refused, and the second device numbers nothing below 2.
        ward.publish([(first, native(first, n)) for n in (1, 4, 5)] + [(second, native(second, 2))])
        ward.publish([(first, native("another", 2))])
        until(lambda: listener.last(first) == Ack(1, 2), "two to be whole")

        active.send(signal.SIGKILL)
        until(lambda: active.exit_code is not None, "its death")
        standby = acker()
        relief = acker()
        ward.publish([(first, native(first, 3))])
        until(lambda: listener.last(first) == Ack(1, 5), "the gap to be closed by what was known before")

        standby.stop()
        ward.publish([(first, native(first, 6))])
        until(lambda: listener.last(first) == Ack(1, 6), "the relief")

        # A device that missed the answer sends again, and is told again.
        told = len(listener.heard[first])
        ward.publish([(first, native(first, 4))])
        until(lambda: len(listener.heard[first]) > told, "the answer to be repeated")
        assert listener.last(first) == Ack(1, 6)
        assert listener.heard[second] == []
        # Never 4, which is behind a gap as long as 3 is missing. Who takes over may say again what was said before.
        assert {ack.seq for ack in listener.heard[first]} <= {1, 2, 5, 6}
        relief.stop()
    finally:
        listener.leave()
        for child in ackers:
            child.stop()


def test_devices_behind_iot_core_are_told_through_its_data_plane_and_without_a_broker(
    ward: Ward, servers: Addresses, tmp_path: Path
) -> None:
    ward.bridge()
    device = ward.device(1)
    with data_plane() as plane:
        plane.refuse.extend([(429, "ThrottlingException"), (503, "")])
        settings = {"SOURCE": "kafka", "MQTT_HOST": "", "AWS_ENDPOINT_URL_IOT_DATA_PLANE": plane.url}
        acker = start_ready(service("mqtt_bridge.acker", servers, tmp_path, settings=settings))
        try:
            ward.publish([(device, native(device, n)) for n in (1, 2, 4)])

            until(lambda: Ack(1, 2) in plane.said.get(ack_topic(device), []), "two to be whole")
        finally:
            acker.stop()

        assert Ack(1, 4) not in plane.said[ack_topic(device)]
        assert acker.exit_code == 0
