"""Kafka to zstd Parquet in S3 by one `parquet_sink`, beside the limit: the same rows taken and encoded, and no S3.

`python -m benchmarks.sink [readings]`: starts servers of its own and removes them.
"""

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from prometheus_client import Counter, Gauge

from parquet_sink import __main__ as parquet_sink
from parquet_sink import files, rows
from parquet_sink.settings import SinkSettings
from wardstream.contracts import wire
from wardstream.contracts.identity import reading_id
from wardstream.contracts.reading import Reading
from wardstream.contracts.tables import READINGS_TABLE
from wardstream.contracts.topics import PARTITIONS
from wardstream.local.servers import start_servers
from wardstream.local.services import provision
from wardstream.runtime import kafka
from wardstream.runtime.health import Health
from wardstream.runtime.metrics import SINK_BUFFERED, SINK_BYTES, SINK_FILES, SINK_ROWS
from wardstream.runtime.shutdown import Shutdown

DEVICES = 10_000
START_US = 1_762_646_340_000_000
# docs/lake.md: S3 Standard, eu-central-1; a PUT, a GET, a GB for a month.
PUT_USD, GET_USD, STORED_USD = 5.4e-6, 4.3e-7, 0.0245


def bedside(number: int) -> Reading:
    """What a bedside monitor says: heart rate each time, the others now and then."""
    device = f"BSM_{number % DEVICES:05d}"
    at_us = START_US + number * 85
    return Reading(
        reading_id=reading_id(device, at_us, 1, number, {}),
        device_id=device,
        user_id=device,
        measured_at_us=at_us,
        received_at_us=at_us + 40_000,
        boot=1,
        sequence=number,
        heart_rate_bpm=60.0 + number % 40,
        spo2_pct=90.0 + number % 7 if number % 10 == 0 else None,
        temperature_c=37.0 + number % 9 / 10 if number % 15 == 0 else None,
    )


class Took(NamedTuple):
    """The sink's time, from its start (joining the group included) and from the first records it took."""

    from_start_s: float
    from_first_s: float


def counted(metric: Counter | Gauge) -> float:
    """A metric's value, all its labels together."""
    samples = next(iter(metric.collect())).samples
    return sum(sample.value for sample in samples if not sample.name.endswith("_created"))


def publish(settings: SinkSettings, count: int) -> None:
    admin = AdminClient(kafka.client_config(settings))
    admin.create_topics([NewTopic(settings.readings_topic, PARTITIONS, 1)])[settings.readings_topic].result(
        30
    )
    producer = kafka.producer(settings, linger_ms=50, queue_buffering_max_messages=1_000_000)
    for number in range(count):
        reading = bedside(number)
        producer.produce(settings.readings_topic, key=reading.user_id, value=wire.encode(reading))
        if number % 10_000 == 0:
            producer.flush(60)
    producer.flush(60)


def limit(settings: SinkSettings, count: int) -> float:
    """Seconds to take all into memory and encode them, with one thread and no S3."""
    consumer = kafka.consumer(settings, f"limit-{uuid.uuid4().hex}")
    consumer.subscribe([settings.readings_topic])
    first = consumer.consume(1, 30)
    began_s = time.perf_counter()
    tables, taken = [], 0
    while taken < count:
        records = [
            rows.Record(message.offset() or 0, message.value() or b"")
            for message in first + consumer.consume(5_000, 1)
        ]
        first = []
        tables.append(rows.table(0, records)[0])
        taken += len(records)
    files.encoded(READINGS_TABLE, pa.concat_tables(tables))
    took_s = time.perf_counter() - began_s
    consumer.close()
    return took_s


def sink(settings: SinkSettings, count: int) -> Took:
    """Until every reading is in the lake; leaving the group comes after that."""
    asked = Shutdown()
    seen: list[float] = []

    def ask_when_done() -> None:
        while counted(SINK_BUFFERED) == 0 and counted(SINK_ROWS) == 0:
            time.sleep(0.005)
        seen.append(time.perf_counter())
        while counted(SINK_ROWS) < count:
            time.sleep(0.01)
        seen.append(time.perf_counter())
        asked.request()

    threading.Thread(target=ask_when_done, daemon=True).start()
    began_s = time.perf_counter()
    parquet_sink.keep(settings, asked, Health())
    first_s, last_s = seen
    return Took(from_start_s=last_s - began_s, from_first_s=last_s - first_s)


def main(count: int) -> None:
    settings = SinkSettings.model_validate(
        {
            **{name.lower(): value for name, value in os.environ.items()},
            "readings_topic": "bench",
            "anomalies_topic": "",
            "alarms_topic": "",
            "flush_interval_s": 5,
        }
    )
    took = sink(settings, count)
    sink_cpu_s = time.process_time()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    limit_s = limit(settings, count)
    limit_cpu_s = time.process_time() - sink_cpu_s
    print(f"limit   {count / limit_s:>10,.0f} readings/s   {limit_cpu_s / count * 1e6:.1f} us CPU a reading")
    print(
        f"sink    {count / took.from_first_s:>10,.0f} readings/s   {sink_cpu_s / count * 1e6:.1f} us CPU a reading"
    )
    print(
        f"        {limit_s / took.from_first_s:>10.2f} of the limit from the first records taken,"
        f" {limit_s / took.from_start_s:.2f} with the sink's start and joining of the group"
    )
    print(f"files   {counted(SINK_FILES):>10,.0f}   {counted(SINK_BYTES) / count:.1f} bytes a reading")
    print_cost(counted(SINK_BYTES) / count)
    print(f"memory  {peak_mb:>10,.0f} MB at the most")


def print_cost(bytes_each: float) -> None:
    """Of a million readings at 1,000 a second: by the prices in docs/lake.md."""
    for per_s in (100, 1_000, 10_000):
        # Every partition is cut each minute; then each hour's files are merged, each row some five times.
        puts = PARTITIONS / 60 / per_s * 1e6
        requests = puts * PUT_USD + puts * GET_USD
        stored = bytes_each * 1e6 / 1e9 * STORED_USD
        print(
            f"cost    at {per_s:>6,} readings/s a million costs {requests:.4f} USD of requests"
            f" and {stored:.4f} USD of storage a month"
        )


def with_servers(count: int) -> int:
    with tempfile.TemporaryDirectory() as folder, start_servers(Path(folder)) as addresses:
        provision(addresses, Path(folder))
        variables = os.environ | addresses.environment()
        settings = SinkSettings(kafka_bootstrap=addresses.kafka_bootstrap, readings_topic="bench")
        publish(settings, count)
        # A process of its own, so that what it measures of memory is the sink's.
        return subprocess.run(
            [sys.executable, "-m", "benchmarks.sink", str(count), "--here"], env=variables, check=False
        ).returncode


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    if "--here" in sys.argv:
        main(wanted)
    else:
        sys.exit(with_servers(wanted))
