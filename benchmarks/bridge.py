"""How many readings a second one bridge carries, from full MQTT sessions or from `device-raw`; and what translating costs.

`python -m benchmarks.bridge [MESSAGES]` starts Kafka and Mosquitto of its own and stops them again.
"""

import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from timeit import repeat
from typing import NamedTuple

import psutil

from mqtt_bridge.translate import translate
from tests.mqtt_bridge.ward import Bridge, Ward, until
from wardstream.local import kafka, mosquitto
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child
from wardstream.local.ports import LOOPBACK, free_ports
from wardstream.local.server import Server
from wardstream.provision import topics
from wardstream.provision.settings import ProvisionSettings

MESSAGES = 200_000
CHUNK = 20_000
DEVICES = 1000
RECEIVED_US = 1_762_597_427_000_000
FORMATS = {
    "bedside": b'{"deviceid":"%s","timestamp":"2025-11-08 10:23:45.%06d","datatype":"HeartRate","value":72}',
    "packet": b'{"device_id":"%s","timestamp":"2025-11-08 10:23:45.%06d","heart_rate":72,'
    b'"blood_pressure":"120/80","temperature":98.4}',
    "native": b'{"v":1,"device_id":"%s","measured_at":"2025-11-08T10:23:45.%06dZ","boot":1,"seq":5,'
    b'"heart_rate_bpm":72,"spo2_pct":97,"temperature_c":36.9,"respiratory_rate_bpm":14,"on_body":true}',
}


def translating() -> None:
    """CPU microseconds per message: the best of nine rounds, for neighbours only ever slow it down."""
    for name, form in FORMATS.items():
        payload = form % (b"dev-1", 123456)
        rounds = repeat(
            lambda payload=payload: translate("iot/device/dev-1", payload, RECEIVED_US, {}),  # type: ignore[misc]
            number=20_000,
            repeat=9,
            timer=time.process_time,
        )
        print(f"translate {name}: {min(rounds) / 20_000 * 1e6:.1f} us")


def carrying(messages: int) -> None:
    """Fills the sessions while no bridge runs, then times a bridge that empties them; then the same from `device-raw`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ward = Ward(_servers(folder, stack), folder)
        stack.callback(ward.stop)
        ward.bridge("first").child.stop()
        for first in range(0, messages, CHUNK):
            ward.publish(_bedside(ward, n) for n in range(first, min(first + CHUNK, messages)))
        _time("MQTT", ward.bridge("timed"), messages)
        ward.write_raw(_raw(ward, n) for n in range(messages))
        _time("device-raw", ward.bridge("raw", arguments=("--source", "kafka")), messages)


def _time(source: str, bridge: Bridge, messages: int) -> None:
    begun = _progress(bridge)
    until(lambda: _progress(bridge).carried == messages, "all to be carried", 300)
    done = _progress(bridge)
    bridge.child.stop()
    carried = done.carried - begun.carried
    wall_s, cpu_s = done.wall_s - begun.wall_s, done.cpu_s - begun.cpu_s
    print(f"from {source}: carried {carried:.0f} in {wall_s:.2f} s: {carried / wall_s:,.0f} readings/s")
    print(f"from {source}: CPU {cpu_s:.2f} s: {cpu_s / carried * 1e6:.1f} us a reading, all threads")


class Progress(NamedTuple):
    """How far a bridge is, and what it took."""

    carried: float
    wall_s: float
    cpu_s: float


def _progress(bridge: Bridge) -> Progress:
    cpu = psutil.Process(bridge.child.pid).cpu_times()
    return Progress(bridge.metric("wardstream_bridge_carried_total"), time.monotonic(), cpu.user + cpu.system)


def _bedside(ward: Ward, number: int) -> tuple[str, bytes]:
    device_id = ward.device(number % DEVICES)
    return device_id, FORMATS["bedside"] % (device_id.encode(), number)


def _raw(ward: Ward, number: int) -> tuple[str, bytes]:
    device_id, said = _bedside(ward, number)
    added = b',"mqtt_topic":"iot/device/%s","received_at":%d}' % (device_id.encode(), RECEIVED_US // 1000)
    return device_id, said[:-1] + added


def _servers(folder: Path, stack: ExitStack) -> Addresses:
    kafka_port, controller_port, mqtt_port = free_ports(3)
    _start(kafka.server(folder / "kafka", folder, kafka_port, controller_port), stack)
    _start(mosquitto.server(folder / "mosquitto", folder, mqtt_port), stack)
    bootstrap = f"{LOOPBACK}:{kafka_port}"
    topics.make(ProvisionSettings(kafka_bootstrap=bootstrap))
    return Addresses(
        kafka_bootstrap=bootstrap,
        mqtt_host=LOOPBACK,
        mqtt_port=mqtt_port,
        s3_endpoint="",
        dynamodb_endpoint="",
    )


def _start(server: Server, stack: ExitStack) -> None:
    if server.first is not None:
        Child(server.first).wait_for_success(60)
    child = Child(server.command)
    stack.callback(child.stop)
    child.wait_until(server.answers, 60)


if __name__ == "__main__":
    translating()
    carrying(int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES)
