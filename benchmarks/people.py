"""A million people in one worker: how big it gets, and how long it needs to be back after a kill.

`python -m benchmarks.people [PEOPLE] [ALARMING]`: starts servers of its own. Fills the state topic with the row of somebody well who has said six vitals
and steps for five weeks, every ALARMING-th (50th) of whom has alarms under way in four vitals instead; starts `python -m stream_processor` on
it, kills it (-9), starts it again, and then lets everybody say something, so that people wake up and go to rest.
"""

import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

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
READINGS_A_DAY = 288
# Mean and spread.
USUAL = {
    "heart_rate_bpm": (68.0, 3.0),
    "spo2_pct": (96.5, 0.7),
    "temperature_c": (36.7, 0.1),
    "systolic_mmhg": (120.0, 5.0),
    "diastolic_mmhg": (76.0, 4.0),
    "respiratory_rate_bpm": (15.0, 1.0),
}


def well_row() -> bytes:
    """The row of somebody well, known for weeks, with a full memory of reading ids."""
    state, chance = PatientState(), Random(1)
    for number in range(5 * 7 * READINGS_A_DAY):
        vitals = {name: round(chance.gauss(mean, spread), 1) for name, (mean, spread) in USUAL.items()}
        steps = 90.0 if number % READINGS_A_DAY > READINGS_A_DAY - 10 else 0.0
        score(state, said(number * 86_400 / READINGS_A_DAY, vitals | {"steps_per_min": steps}), DEFAULTS)
    return rows.encode(state)


def alarmed_row() -> bytes:
    """The row of somebody heard for an hour, with alarms under way."""
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


def fill(settings: KafkaSettings, topic: str, count: int, alarming: int) -> tuple[int, int]:
    well, alarmed, producer = well_row(), alarmed_row(), kafka.producer(settings, linger_ms=50)
    for number, user in enumerate(users(count)):
        produce(producer, topic, user, well if number % alarming else alarmed)
    assert producer.flush(PATIENCE_S) == 0
    return len(well), len(alarmed)


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
    alarming = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    with (
        tempfile.TemporaryDirectory(prefix="people-benchmark-") as name,
        start_servers(Path(name)) as servers,
    ):
        provision(servers, Path(name))
        settings = ProcessorSettings(kafka_bootstrap=servers.kafka_bootstrap)
        state_topic.require(settings)
        well_bytes, alarmed_bytes = fill(settings, state_topic.name(settings), count, alarming)
        wanted = service("stream_processor", servers, Path(name))
        first, first_s = until_ready(wanted)
        empty_mib = resident_mib(first)
        first.send(signal.SIGKILL)
        first.stop()
        second, second_s = until_ready(wanted)
        loaded_mib = resident_mib(second)
        print(
            f"{count} people, rows of {well_bytes} bytes, every {alarming}th of {alarmed_bytes}; {first_s:.1f} s from start to ready, {second_s:.1f} s after kill -9"
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
