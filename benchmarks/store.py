"""Anomalies from Kafka into DynamoDB by one `alarm_store`; locally the table's server is the slower part.

`python -m benchmarks.store [anomalies]`: starts servers of its own and removes them.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from prometheus_client import Counter

from alarm_store import __main__ as alarm_store
from alarm_store.settings import StoreSettings
from wardstream.contracts import wire
from wardstream.contracts.anomaly import Anomaly
from wardstream.contracts.identity import anomaly_id
from wardstream.contracts.tables import ANOMALY_TABLE
from wardstream.local.servers import start_servers
from wardstream.local.services import provision
from wardstream.runtime import kafka
from wardstream.runtime.health import Health
from wardstream.runtime.metrics import STORE_WRITTEN
from wardstream.runtime.shutdown import Shutdown

DEVICES = 1_000
START_US = 1_762_646_340_000_000


def flagged(number: int) -> Anomaly:
    device, reading = f"BSM_{number % DEVICES:05d}", f"reading-{number}"
    return Anomaly(
        anomaly_id=anomaly_id(reading, "heart_rate_bpm", "simple_limit"),
        reading_id=reading,
        device_id=device,
        user_id=device,
        measured_at_us=START_US + number * 1000,
        received_at_us=START_US + number * 1000 + 40_000,
        vital="heart_rate_bpm",
        value=101.0 + number % 20,
        direction="high",
        rule="simple_limit",
        limit=100.0,
    )


def counted(counter: Counter) -> float:
    """A counter's value."""
    return next(sample.value for sample in next(iter(counter.collect())).samples)


def publish(settings: StoreSettings, count: int) -> None:
    producer = kafka.producer(settings, linger_ms=50)
    for number in range(count):
        anomaly = flagged(number)
        producer.produce(settings.anomalies_topic, key=anomaly.user_id, value=wire.encode(anomaly))
    producer.flush(60)


def main(count: int) -> None:
    asked = Shutdown()
    written = STORE_WRITTEN.labels(ANOMALY_TABLE)
    began: list[tuple[float, float, float]] = []

    def ask_when_done() -> None:
        while counted(written) < count:
            if not began and counted(written) > 0:
                began.append((time.perf_counter(), time.process_time(), counted(written)))
            time.sleep(0.01)
        asked.request()

    threading.Thread(target=ask_when_done, daemon=True).start()
    alarm_store.keep(StoreSettings(), asked, Health())
    # From the first write on: starting costs a second of processor time.
    wall_s, cpu_s, already = began[0]
    took_s, used_s, done = time.perf_counter() - wall_s, time.process_time() - cpu_s, count - already
    print(f"store   {done / took_s:>10,.0f} writes/s   {used_s / done * 1e6:,.0f} us CPU a write")


def with_servers(count: int) -> int:
    with tempfile.TemporaryDirectory() as folder, start_servers(Path(folder)) as addresses:
        provision(addresses, Path(folder))
        variables = os.environ | addresses.environment()
        publish(StoreSettings(kafka_bootstrap=addresses.kafka_bootstrap), count)
        return subprocess.run(
            [sys.executable, "-m", "benchmarks.store", str(count), "--here"], env=variables, check=False
        ).returncode


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    if "--here" in sys.argv:
        main(wanted)
    else:
        sys.exit(with_servers(wanted))
