"""A million people in one worker: how big it gets, and how long it needs to be back after a kill.

`python -m benchmarks.people [PEOPLE]`: starts servers of its own. Fills the state topic with the row of a person with four
vitals, alarms under way and a full memory of reading ids, starts `python -m stream_processor` on it, kills it (-9), starts it
again, and then lets everybody say something, so that people wake up and go to rest.
"""

import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from confluent_kafka import Producer

from stream_processor import state_topic
from stream_processor.settings import ProcessorSettings
from tests.scoring.made import reading, said
from wardstream.contracts import wire
from wardstream.contracts.topics import PROCESSOR_GROUP, READINGS
from wardstream.local.children import Child
from wardstream.local.servers import start_servers
from wardstream.local.services import Service, provision, service
from wardstream.report.kafka import lag
from wardstream.runtime import kafka
from wardstream.runtime.kafka import KafkaSettings
from wardstream.scoring import rows
from wardstream.scoring.limits import DEFAULTS
from wardstream.scoring.scorer import score
from wardstream.scoring.state import PatientState

PATIENCE_S = 600.0


def full_row() -> bytes:
    """The row of somebody heard for hours, with everything a state can hold."""
    state = PatientState()
    for number in range(400):
        vitals = {"heart_rate_bpm": 140.0, "spo2_pct": 88.0 + number % 3, "temperature_c": 36.8}
        everything = vitals | {"respiratory_rate_bpm": 27.0, "steps_per_min": 0.0}
        score(state, said(number * 10, everything), DEFAULTS)
    return rows.encode(state)


def users(count: int) -> Iterator[str]:
    return (f"patient-{number:07d}" for number in range(count))


def produce(producer: Producer, topic: str, key: str, value: bytes) -> None:
    while True:
        try:
            producer.produce(topic, value, key)
        except BufferError:
            producer.poll(0.1)
        else:
            return


def fill(settings: KafkaSettings, topic: str, count: int) -> int:
    row, producer = full_row(), kafka.producer(settings, linger_ms=50)
    for user in users(count):
        produce(producer, topic, user, row)
    assert producer.flush(PATIENCE_S) == 0
    return len(row)


def until_ready(wanted: Service) -> tuple[Child, float]:
    began = time.monotonic()
    child = Child(wanted.command)
    child.wait_until(wanted.is_ready, PATIENCE_S)
    return child, time.monotonic() - began


def resident_mib(child: Child) -> float:
    process = psutil.Process(child.pid)
    return max(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 2**20


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with (
        tempfile.TemporaryDirectory(prefix="people-benchmark-") as name,
        start_servers(Path(name)) as servers,
    ):
        provision(servers, Path(name))
        settings = ProcessorSettings(kafka_bootstrap=servers.kafka_bootstrap)
        state_topic.require(settings)
        row_bytes = fill(settings, state_topic.name(settings), count)
        wanted = service("stream_processor", servers, Path(name))
        first, first_s = until_ready(wanted)
        empty_mib = resident_mib(first)
        first.send(signal.SIGKILL)
        first.stop()
        second, second_s = until_ready(wanted)
        loaded_mib = resident_mib(second)
        print(
            f"{count} people, rows of {row_bytes} bytes; {first_s:.1f} s from start to ready, {second_s:.1f} s after kill -9"
        )
        print(
            f"resident {empty_mib:.0f} MiB, then {loaded_mib:.0f} MiB: {loaded_mib * 2**20 / count:.0f} bytes each"
        )
        everybody_speaks(settings, count)
        worst = loaded_mib
        while lag(settings, PROCESSOR_GROUP, READINGS) > 0:
            worst = max(worst, resident_mib(second))
            time.sleep(0.5)
        print(
            f"after everybody said something: {worst:.0f} MiB at most, {worst * 2**20 / count:.0f} bytes each"
        )
        second.stop()


def everybody_speaks(settings: KafkaSettings, count: int) -> None:
    producer = kafka.producer(settings, linger_ms=50)
    for user in users(count):
        produce(producer, READINGS.name, user, wire.encode(reading(100_000, user=user, heart_rate_bpm=80)))
    assert producer.flush(PATIENCE_S) == 0


if __name__ == "__main__":
    main()
