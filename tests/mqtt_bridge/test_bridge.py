"""While Kafka is slower than MQTT, the bridge leaves the rest with the MQTT broker."""

import socket
import threading
import time
from contextlib import suppress

from mqtt_bridge.bridge import Bridge
from mqtt_bridge.carrier import Carrier
from mqtt_bridge.settings import BridgeSettings
from tests.mqtt_bridge.nobody import to_nobody
from tests.mqtt_bridge.ward import native
from wardstream.local.ports import LOOPBACK

CONNACK = b"\x20\x02\x00\x00"
SUBACK = b"\x90\x03\x00\x01\x01"
SUBSCRIBE = b"\x82"
SUBSCRIBE_BYTES = 37
DISCONNECT = b"\xe0\x00"
LIMIT = 500
# One read brings at most 64 KiB.
MOST_OF_A_READ = 700


def published(count: int) -> bytes:
    topic = b"iot/device/dev-1"
    stream = b""
    for packet_id in range(1, count + 1):
        body = (
            len(topic).to_bytes(2, "big") + topic + packet_id.to_bytes(2, "big") + native("dev-1", packet_id)
        )
        stream += bytes([0x32, len(body) & 127 | 128, len(body) >> 7]) + body
    return stream


def _send_all(broker: socket.socket, stream: bytes) -> None:
    # The bridge hangs up before it has read all of it: that is the point.
    with suppress(OSError):
        broker.sendall(stream)


def test_a_full_publisher_stops_the_reading_and_acknowledges_nothing() -> None:
    with socket.create_server((LOOPBACK, 0)) as listening, to_nobody(most_messages=LIMIT) as publisher:
        settings = BridgeSettings(
            kafka_bootstrap="unused:9092",
            mqtt_host=LOOPBACK,
            mqtt_port=listening.getsockname()[1],
            mqtt_topic_filters="iot/device/+",
        )
        bridge = Bridge(settings, Carrier({}, publisher))
        bridge.hold(frozenset({0}))
        bridge.turn()
        broker, _ = listening.accept()
        with broker:
            broker.settimeout(2)
            broker.sendall(CONNACK + SUBACK)
            asked = broker.recv(4096)
            sending = threading.Thread(target=_send_all, args=(broker, published(5000)))
            sending.start()
            until_s = time.monotonic() + 10
            while not publisher.is_full and time.monotonic() < until_s:
                bridge.turn()
            full = publisher.in_flight

            for _ in range(5):
                bridge.turn()
            bridge.let_go(frozenset(), gently=False)
            answers = broker.recv(4096)
        sending.join()

    assert LIMIT <= full <= LIMIT + MOST_OF_A_READ
    assert publisher.in_flight == full
    assert asked.endswith(b"wardstream-bridge-0")
    assert answers[:1] + answers[-2:] == SUBSCRIBE + DISCONNECT
    assert len(answers) == SUBSCRIBE_BYTES + len(DISCONNECT)
