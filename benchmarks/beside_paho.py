"""One bridge beside stock paho receiving the same stream and doing nothing, in one run; and from a reading's publish to Kafka.

`make bench-bridge`, or `python -m benchmarks.beside_paho [MESSAGES]`. Both empty sessions that were filled before: the bridge to Kafka with `acks=all`
and PUBACK after; paho (MQTT 3.1.1, `loop_forever`, manual acknowledgement) only acknowledges. Three rounds in turn, since neighbours come and go.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks.bridge import CHUNK, DEVICES, FORMATS, _progress, _servers
from tests.mqtt_bridge.ward import Ward, until
from wardstream.local.addresses import Addresses

MESSAGES = 60_000
ROUNDS = 3
RATE_PER_S, FOR_S = 300, 13
# A bridge that has just started opens its producer, and Kafka its partitions, with the first readings.
WARM_UP_S = 3
# Run as a process of its own: (port, topic, messages); prints when it has the first and the last, by the monotonic clock.
_STOCK = """
import sys, time
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
port, topic, wanted = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
client = paho.Client(CallbackAPIVersion.VERSION2, "stock", clean_session=False, protocol=paho.MQTTv311, manual_ack=True)
heard, first = 0, 0.0
def on_message(client, _userdata, message):
    global heard, first
    first = first or time.monotonic()
    heard += 1
    client.ack(message.mid, message.qos)
    if heard == wanted:
        print(time.monotonic() - first, flush=True)
        client.disconnect()
client.on_message = on_message
client.on_subscribe = lambda *_a: wanted or client.disconnect()
client.on_connect = lambda client, *_a: client.subscribe(topic, 1)
client.connect("127.0.0.1", port)
client.loop_forever()
"""


def _stock(servers: Addresses, topic: str, messages: int) -> float:
    """Seconds that stock paho needs from the first message to the last; with none wanted it only subscribes."""
    done = subprocess.run(
        [sys.executable, "-c", _STOCK, str(servers.mqtt_port), topic, str(messages)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return float(done.stdout) if messages else 0.0


def _bridge(ward: Ward, messages: int, number: int) -> float:
    bridge = ward.bridge(f"timed-{number}")
    begun = _progress(bridge)
    until(lambda: _progress(bridge).carried == messages, "all to be carried", 300)
    done = _progress(bridge)
    bridge.child.stop()
    return (messages - begun.carried) / (done.wall_s - begun.wall_s)


def _latency(ward: Ward) -> list[float]:
    """Milliseconds from handing a reading to MQTT to a consumer having it from Kafka, at a steady rate, sorted."""
    bridge, delays_ms = ward.bridge("latency"), []
    ward.landed()
    seen = len(ward.landed().readings)
    with ward.publisher() as gateway:
        begun_s = time.monotonic()
        for number in range(RATE_PER_S * FOR_S):
            device_id = ward.device(number % DEVICES)
            said = {"v": 1, "device_id": device_id, "boot": 7, "seq": number + 1, "heart_rate_bpm": 72}
            said["measured_at"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            gateway.send(device_id, msgspec.json.encode(said))
            while time.monotonic() < begun_s + number / RATE_PER_S:
                for message in ward._consumer.consume(500, 0.001):  # noqa: SLF001 -- its own `landed` waits too long
                    if not message.error() and b'"boot":7' in (message.value() or b""):
                        sent = msgspec.json.decode(message.value() or b"")
                        if sent["sequence"] > RATE_PER_S * WARM_UP_S:
                            delays_ms.append(time.time() * 1e3 - sent["measured_at_us"] / 1e3)
    bridge.child.stop()
    assert seen >= 0
    return sorted(delays_ms)


def main(messages: int) -> None:
    """Prints a line a round, their medians, and the delays."""
    ratios = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ward = Ward(_servers(folder, stack), folder)
        stack.callback(ward.stop)
        ward.bridge("first").child.stop()
        _stock(ward.servers, f"{ward.topic}/+", 0)
        for number in range(ROUNDS):
            for first in range(0, messages, CHUNK):
                ward.publish(_native(ward, n) for n in range(first, min(first + CHUNK, messages)))
            stock = messages / _stock(ward.servers, f"{ward.topic}/+", messages)
            ours = _bridge(ward, messages, number)
            ratios.append(ours / stock)
            print(f"bridge {ours:,.0f} readings/s, stock paho {stock:,.0f}: {ours / stock:.2f}", flush=True)
        print(f"median of {ROUNDS}: {statistics.median(ratios):.2f} of stock paho")
        delays = _latency(ward)
        p50, p99 = (delays[int(len(delays) * share)] for share in (0.5, 0.99))
        print(
            f"reading to Kafka at {RATE_PER_S}/s, read by a consumer: p50 {p50:.1f} ms, p99 {p99:.1f} ms, {len(delays)} readings"
        )


def _native(ward: Ward, number: int) -> tuple[str, bytes]:
    device_id = ward.device(number % DEVICES)
    return device_id, FORMATS["native"] % (device_id.encode(), number)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES)
