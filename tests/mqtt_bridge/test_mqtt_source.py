"""A session against a broker's end of the wire that the test holds in its hand."""

import socket
import time
from collections.abc import Iterator

import pytest

from mqtt_bridge.mqtt_source import Session
from mqtt_bridge.pending import Delivery
from mqtt_bridge.settings import BridgeSettings
from wardstream.local.ports import LOOPBACK
from wardstream.runtime.failure import CannotRun

CONNACK = b"\x20\x02\x00\x00"
SUBACK = b"\x90\x03\x00\x01\x01"
PINGREQ = b"\xc0\x00"
DISCONNECT = b"\xe0\x00"
# As they are with this client id and filter.
CONNECT_BYTES = 33
SUBSCRIBE_BYTES = 37


def publish(packet_id: int) -> bytes:
    return b"\x32\x06\x00\x01t" + packet_id.to_bytes(2, "big") + b"x"


def puback(packet_id: int) -> bytes:
    return b"\x40\x02" + packet_id.to_bytes(2, "big")


class Edge:
    """A listening socket, the session that dials it, and what the session handed on."""

    def __init__(self) -> None:
        self._listening = socket.create_server((LOOPBACK, 0))
        settings = BridgeSettings(
            kafka_bootstrap="unused:9092",
            mqtt_host=LOOPBACK,
            mqtt_port=self._listening.getsockname()[1],
            mqtt_topic_filters="iot/device/+",
        )
        self.carried: list[Delivery] = []
        self.session = Session(settings, 0, lambda _topic, _payload, delivery: self.carried.append(delivery))
        self.broker = self.reconnect(time.monotonic())

    def reconnect(self, now_s: float) -> socket.socket:
        self.session.keep(now_s)
        self.broker, _ = self._listening.accept()
        self.broker.settimeout(5)
        return self.broker

    def say(self, data: bytes) -> None:
        """The broker sends `data`, and the session reads until it has it."""
        self.broker.sendall(data)
        until_s = time.monotonic() + 5
        read = 0
        while read == 0 and time.monotonic() < until_s and self.session.socket is not None:
            read = self.session.read() or (self.session.is_connected and data.endswith(SUBACK))

    def heard(self, count: int) -> bytes:
        """The next `count` bytes that came to the broker."""
        data = b""
        while len(data) < count:
            data += self.broker.recv(count - len(data))
        return data

    def read_until_lost(self) -> None:
        until_s = time.monotonic() + 5
        while self.session.socket is not None and time.monotonic() < until_s:
            self.session.read()

    def open(self) -> None:
        self.say(CONNACK + SUBACK)
        self.heard(CONNECT_BYTES + SUBSCRIBE_BYTES)

    def close(self) -> None:
        self.session.close()
        self.broker.close()
        self._listening.close()


@pytest.fixture
def edge() -> Iterator[Edge]:
    end = Edge()
    yield end
    end.close()


def test_a_session_subscribes_as_soon_as_it_is_greeted(edge: Edge) -> None:
    edge.say(CONNACK + SUBACK)

    assert edge.heard(CONNECT_BYTES).endswith(b"wardstream-bridge-0")
    assert b"$share/wardstream/iot/device/+\x01" in edge.heard(SUBSCRIBE_BYTES)
    assert edge.session.is_connected


def test_a_refused_connection_is_tried_again_later(edge: Edge) -> None:
    edge.say(b"\x20\x02\x00\x05")

    assert edge.session.socket is None
    edge.reconnect(time.monotonic() + 3)
    assert edge.heard(CONNECT_BYTES).endswith(b"wardstream-bridge-0")


def test_a_refused_subscription_ends_the_process(edge: Edge) -> None:
    with pytest.raises(CannotRun):
        edge.say(CONNACK + b"\x90\x03\x00\x01\x80")


def test_a_message_is_acknowledged_only_when_confirmed_and_in_order(edge: Edge) -> None:
    edge.open()
    edge.say(publish(7) + publish(9))
    first, second = edge.carried

    second.confirmed = True
    early = edge.session.acknowledge()
    first.confirmed = True
    edge.session.acknowledge()

    assert early == []
    assert edge.heard(8) == puback(7) + puback(9)


def test_what_an_old_connection_took_is_not_acknowledged_on_the_new_one(edge: Edge) -> None:
    edge.open()
    edge.say(publish(7))
    edge.broker.close()
    edge.read_until_lost()
    edge.reconnect(time.monotonic() + 3)
    edge.open()

    edge.say(publish(7) + publish(8))
    for delivery in edge.carried:
        delivery.confirmed = delivery is not edge.carried[1]

    assert edge.session.acknowledge() == []
    assert edge.session.unconfirmed == 2


def test_a_broker_that_never_answers_is_given_up(edge: Edge) -> None:
    now_s = time.monotonic()

    edge.session.keep(now_s + 10)
    patient = edge.session.socket is not None
    edge.session.keep(now_s + 16)

    assert patient
    assert edge.session.socket is None


def test_nonsense_from_the_broker_ends_the_connection_and_nothing_else(edge: Edge) -> None:
    edge.open()

    edge.say(b"\xff\xff\xff\xff\xff\xff")

    assert edge.session.socket is None
    assert not edge.session.is_connected


def test_closing_says_goodbye_after_the_last_acknowledgement(edge: Edge) -> None:
    edge.open()
    edge.say(publish(7))
    edge.carried[0].confirmed = True

    edge.session.acknowledge()
    edge.session.close()

    assert edge.heard(6) == puback(7) + DISCONNECT
