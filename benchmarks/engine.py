"""The stream processor as it is run, on a topic of bedside readings that somebody filled; made for `peers/run --ours`.

Reads KAFKA_BOOTSTRAP, TOPIC and COUNT. Makes the product's topics on that broker, rewrites the readings as the bridge
would (not timed), then runs `python -m stream_processor` with everything on: scorer, limits, anomalies, alarms,
checkpoints, fencing. The clock runs from "partitions_held" in the worker's log until the last reading is scored (the peers stop there as well);
how much later it was durable is told beside. What is printed is read back by a consumer of its own.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition
from confluent_kafka.admin import AdminClient
from msgspec import structs

from mqtt_bridge.translate import translate
from wardstream.contracts import wire
from wardstream.contracts.reading import Reading
from wardstream.contracts.topics import ALARM_ACTIONS, ALARMS, ANOMALIES, READINGS, REJECTED, USER_MODELS
from wardstream.local.ports import free_ports
from wardstream.provision import topics
from wardstream.provision.settings import ProvisionSettings
from wardstream.runtime import kafka
from wardstream.runtime.kafka import KafkaSettings
from wardstream.scoring import progress, rows

GROUP = "engine-benchmark"
STATE = f"{GROUP}-state"
IDLE = "wardstream_processor_seconds_since_last_reading"
# Translated at a moment after any of them was measured, and then told to have arrived as soon as real ones do: none is late.
RECEIVED_AT_US = 1_762_646_340_000_000
ON_THE_WAY_US = 200_000
PATIENCE_S = 600.0


def settings() -> ProvisionSettings:
    return ProvisionSettings(
        kafka_bootstrap=os.environ["KAFKA_BOOTSTRAP"],
        s3_bucket="unused",
        aws_region="eu-central-1",
    )


def everything(kafka_settings: KafkaSettings, topic: str) -> Iterator[Message]:
    """Every committed record of a topic."""
    reader: Consumer = kafka.consumer(kafka_settings, "engine-benchmark-reads", enable_partition_eof=True)
    try:
        todo = set(reader.list_topics(topic).topics[topic].partitions)
        reader.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in todo])
        while todo:
            for message in reader.consume(10_000, timeout=0.2):
                error = message.error()
                if error is None:
                    yield message
                elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 -- librdkafka's public name
                    todo.discard(message.partition())
    finally:
        reader.close()


def start_anew(kafka_settings: ProvisionSettings) -> None:
    """The product's topics, empty."""
    admin = AdminClient(kafka.client_config(kafka_settings))
    known = admin.list_topics().topics
    ours = (READINGS, USER_MODELS, ALARM_ACTIONS, ANOMALIES, ALARMS, REJECTED)
    old = [name for name in (*(topic.name for topic in ours), STATE) if name in known]
    if old:
        for done in admin.delete_topics(old).values():
            done.result()
        while set(old) & set(admin.list_topics().topics):
            time.sleep(0.2)
        admin.delete_consumer_groups([GROUP])[GROUP].exception()
    topics.make(kafka_settings)


def rewrite(kafka_settings: KafkaSettings, topic: str) -> int:
    """The bedside readings of `topic` as the bridge writes them."""
    producer = kafka.producer(kafka_settings, linger_ms=50, queue_buffering_max_messages=500_000)
    written = 0
    for message in everything(kafka_settings, topic):
        device = (message.key() or b"").decode()
        reading = translate(f"iot/device/{device}", message.value() or b"", RECEIVED_AT_US, {})
        assert isinstance(reading, Reading), reading
        reading = structs.replace(reading, received_at_us=reading.measured_at_us + ON_THE_WAY_US)
        while True:
            try:
                producer.produce(READINGS.name, wire.encode(reading), device)
                break
            except BufferError:
                producer.poll(0.1)
        written += 1
    assert producer.flush(PATIENCE_S) == 0
    return written


def committed(kafka_settings: KafkaSettings) -> int:
    client = kafka.consumer(kafka_settings, GROUP)
    try:
        asked = [
            TopicPartition(READINGS.name, number)
            for number in range(kafka.partitions_of(client, READINGS.name))
        ]
        return sum(max(0, found.offset) for found in client.committed(asked, timeout=30))
    finally:
        client.close()


def run(kafka_settings: KafkaSettings, count: int, folder: Path, scorer: str) -> tuple[float, float]:
    """Runs the processor until it has committed `count`; when it held its partitions and when it scored the last reading."""
    log = folder / "processor.log"
    (port,) = free_ports(1)
    variables = os.environ | {
        "KAFKA_BOOTSTRAP": kafka_settings.kafka_bootstrap,
        "PROCESSOR_GROUP": GROUP,
        "HEALTH_PORT": str(port),
        "DATADIR": str(folder),
        "SCORER": scorer,
    }
    with log.open("w") as output:
        worker = subprocess.Popen(
            [sys.executable, "-m", "stream_processor"], stdout=output, stderr=output, env=variables
        )
        try:
            deadline = time.monotonic() + PATIENCE_S
            while committed(kafka_settings) < count:
                assert worker.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(1.0)
            scored_at_s = time.time() - idle_s(port)
        finally:
            worker.terminate()
            worker.wait(30)
    assert worker.returncode == 0, log.read_text()
    return held_at_s(log), scored_at_s


def idle_s(port: int) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        page = answer.read().decode()
    (line,) = [line for line in page.splitlines() if line.startswith(IDLE)]
    return float(line.split()[1])


def held_at_s(log: Path) -> float:
    events = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    (held,) = [event for event in events if event["event"] == "partitions_held"]
    return datetime.fromisoformat(held["timestamp"]).timestamp()


def state(kafka_settings: KafkaSettings) -> tuple[int, float]:
    """(readings in all people's rows, when the last progress row was written)."""
    newest: dict[bytes, bytes] = {}
    last_ms = 0
    for message in everything(kafka_settings, STATE):
        key, value = message.key() or b"", message.value() or b""
        if key == progress.KEY:
            last_ms = max(last_ms, message.timestamp()[1])
        else:
            newest[key] = value
    return sum(rows.decode(row).readings for row in newest.values()), last_ms / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scorer", choices=("basic", "full"), default="basic", help="basic: SCORER=clinical")
    scorer = "full" if parser.parse_args().scorer == "full" else "clinical"
    kafka_settings, topic, count = settings(), os.environ["TOPIC"], int(os.environ["COUNT"])
    start_anew(kafka_settings)
    assert rewrite(kafka_settings, topic) == count
    with tempfile.TemporaryDirectory(prefix="engine-benchmark-") as folder:
        began_s, scored_s = run(kafka_settings, count, Path(folder), scorer)
    state_count, durable_s = state(kafka_settings)
    anomalies = sum(1 for _ in everything(kafka_settings, ANOMALIES.name))
    alarms = sum(1 for _ in everything(kafka_settings, ALARMS.name))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{count} readings in {scored_s - began_s:.1f} s, the last durable {durable_s - scored_s:.1f} s later; {anomalies} "
        f"anomalies, {alarms} alarm steps; {used.ru_utime + used.ru_stime:.1f} s of CPU with start and end, "
        f"{used.ru_maxrss / 1024:.0f} MiB at most"
    )
    rate = count / (scored_s - began_s)
    print(f"group={GROUP} topic={READINGS.name} state_count={state_count} readings_per_s={rate:.0f}")


if __name__ == "__main__":
    main()
