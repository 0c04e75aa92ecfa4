"""Readings that one acker looks at, and acknowledgements that it says through AWS IoT's data plane.

`python -m benchmarks.acker [readings] [acknowledgements]`: starts servers of its own and removes them. The data plane is a stand-in on
loopback, in a process of its own: what is measured is what boto3 and the acker cost, not AWS.
"""

import asyncio
import contextlib
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from mqtt_bridge import acker
from mqtt_bridge.acker_settings import AckerSettings
from mqtt_bridge.iot_line import AT_ONCE, IotLine
from wardstream.contracts import wire
from wardstream.contracts.ack import Ack
from wardstream.contracts.reading import Reading
from wardstream.contracts.topics import READINGS
from wardstream.local.ports import LOOPBACK
from wardstream.local.servers import start_servers
from wardstream.local.services import provision
from wardstream.runtime import aws, kafka
from wardstream.runtime.health import Health
from wardstream.runtime.metrics import ACKER_TAKEN
from wardstream.runtime.shutdown import Shutdown

DEVICES = 1_000
START_US = 1_762_646_340_000_000
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n" + b'{"message":"OK"}'
)


def counted() -> float:
    return next(sample.value for sample in next(iter(ACKER_TAKEN.collect())).samples)


def publish(bootstrap: str, count: int) -> None:
    producer = kafka.producer(AckerSettings(kafka_bootstrap=bootstrap, source="kafka"), linger_ms=50)
    for number in range(count):
        device = f"watch-{number % DEVICES:04d}"
        reading = Reading(
            reading_id=f"{number:032x}",
            device_id=device,
            user_id=device,
            measured_at_us=START_US + number * 1000,
            received_at_us=START_US + number * 1000 + 40_000,
            boot=1,
            sequence=1 + number // DEVICES,
            heart_rate_bpm=60.0 + number % 40,
        )
        producer.produce(READINGS.name, key=device, value=wire.encode(reading))
        if number % 50_000 == 0:
            producer.flush(60)
    producer.flush(60)


def taking(settings: AckerSettings, count: int) -> None:
    """The acker from its start to the last reading; devices are told once, so that hardly anything is said."""
    asked = Shutdown()
    began: list[tuple[float, float, float]] = []
    ended: list[tuple[float, float, float]] = []

    def ask_when_done() -> None:
        while counted() < count:
            if not began and counted() > 0:
                began.append((time.perf_counter(), time.process_time(), counted()))
            time.sleep(0.01)
        ended.append((time.perf_counter(), time.process_time(), counted()))
        asked.request()

    threading.Thread(target=ask_when_done, daemon=True).start()
    acker.run(settings, asked, Health())
    wall_s, cpu_s, done = (last - first for first, last in zip(began[0], ended[0], strict=True))
    print(f"acker   {done / wall_s:>10,.0f} readings/s   {cpu_s / done * 1e6:,.1f} us CPU a reading")


def saying(settings: AckerSettings, count: int) -> None:
    """As many acknowledgements as the line has room for, until all are said."""
    line = IotLine(aws.iot_data(settings, AT_ONCE))
    for number in range(200):
        line.say(f"watch-{number:04d}", Ack(1, 1))
    _wait_for(line)
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    for number in range(count):
        while not line.has_room:
            time.sleep(0.001)
        line.say(f"watch-{number % DEVICES:04d}", Ack(1, number))
    _wait_for(line)
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    line.close()
    print(f"data plane {count / wall_s:>7,.0f} acks/s   {cpu_s / count * 1e6:,.0f} us CPU an ack")


def _wait_for(line: IotLine) -> None:
    while not line.is_done:
        time.sleep(0.001)


async def _serve(told: Connection) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length))
                writer.write(_ANSWER)

    serving = await asyncio.start_server(answer, LOOPBACK, 0)
    told.send(serving.sockets[0].getsockname()[1])
    await serving.serve_forever()


def _data_plane(told: Connection) -> None:
    asyncio.run(_serve(told))


@contextlib.contextmanager
def data_plane() -> Iterator[str]:
    """Takes every publish."""
    hears, tells = multiprocessing.Pipe(duplex=False)
    serving = multiprocessing.get_context("spawn").Process(target=_data_plane, args=(tells,), daemon=True)
    serving.start()
    try:
        yield f"http://{LOOPBACK}:{hears.recv()}"
    finally:
        serving.terminate()
        serving.join()


def main(readings: int, acks: int) -> None:
    saying(AckerSettings(source="kafka"), acks)
    taking(AckerSettings(source="kafka", ack_interval_s=3600), readings)


def with_servers(readings: int, acks: int) -> int:
    with (
        tempfile.TemporaryDirectory() as folder,
        start_servers(Path(folder)) as addresses,
        data_plane() as url,
    ):
        provision(addresses, Path(folder))
        variables = os.environ | addresses.environment() | {"AWS_ENDPOINT_URL_IOT_DATA_PLANE": url}
        publish(addresses.kafka_bootstrap, readings)
        return subprocess.run(
            [sys.executable, "-m", "benchmarks.acker", str(readings), str(acks), "--here"],
            env=variables,
            check=False,
        ).returncode


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:] if one.isdecimal()]
    wanted = (given[0] if given else 500_000, given[1] if len(given) > 1 else 5_000)
    if "--here" in sys.argv:
        main(*wanted)
    else:
        sys.exit(with_servers(*wanted))
