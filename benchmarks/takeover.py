"""How long a worker's people are without one: from its end until the other worker has scored a reading of theirs.

`python -m benchmarks.takeover [ROUNDS]`: servers and two workers of its own; somebody in each partition says something
abnormal 20 times a second, and each anomaly is read by somebody who sees only what is committed. Ends one worker by SIGKILL
and by SIGTERM in turn, and starts another in its place.
"""

import signal
import sys
import tempfile
import threading
import time
from itertools import count
from pathlib import Path
from typing import NamedTuple

import msgspec
from confluent_kafka import TopicPartition

from tests.scoring.made import reading
from wardstream.contracts import wire
from wardstream.contracts.partitions import partition_of
from wardstream.contracts.topics import ANOMALIES, PARTITIONS, READINGS
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child
from wardstream.local.servers import start_servers
from wardstream.local.services import provision, service, start_ready
from wardstream.runtime import kafka
from wardstream.runtime.kafka import KafkaSettings

EVERY_S = 0.05
PATIENCE_S = 120.0
# Anomalies wait for their checkpoint; what is measured is the takeover.
CHECKPOINT_S = 0.1


class Heard(NamedTuple):
    """An anomaly of one partition, and the reading's number."""

    partition: int
    number: int
    at_s: float


class Ward:
    """One person a partition, who speaks without end; and who listens to what is found about them."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.said_at_s: list[float] = []
        self.heard: list[Heard] = []
        self._users = _one_in_each_partition()
        self._ending = threading.Event()
        self._writer = kafka.producer(settings, linger_ms=0)
        self._reader = kafka.consumer(settings, "takeover-benchmark", fetch_wait_max_ms=10)
        self._reader.assign([TopicPartition(ANOMALIES.name, number, 0) for number in range(PARTITIONS)])
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._speak, self._listen)]
        for thread in self._threads:
            thread.start()

    def _speak(self) -> None:
        for number in count():
            if self._ending.wait(EVERY_S):
                return
            self.said_at_s.append(time.monotonic())
            for user in self._users:
                said = reading(number, user=user, heart_rate_bpm=110)
                self._writer.produce(READINGS.name, wire.encode(said), user)
            self._writer.poll(0)

    def _listen(self) -> None:
        start_us = reading(0).measured_at_us
        while not self._ending.is_set():
            message = self._reader.poll(0.1)
            if message is not None and message.error() is None:
                found = wire.anomaly(message.value() or b"")
                number = (found.measured_at_us - start_us) // 1_000_000
                self.heard.append(Heard(message.partition() or 0, number, time.monotonic()))

    def first_s(self, partitions: set[int], since_s: float) -> dict[int, float]:
        """Seconds from `since_s` until something said after it was heard, by partition; waits for each of them."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found: dict[int, float] = {}
            for each in list(self.heard):
                if each.partition in partitions and self.said_at_s[each.number] > since_s:
                    found.setdefault(each.partition, each.at_s - since_s)
            if found.keys() == partitions:
                return found
            assert time.monotonic() < deadline, f"nothing heard of {partitions - found.keys()}"
            time.sleep(0.02)

    def close(self) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()
        self._writer.flush(PATIENCE_S)
        self._reader.close()


def _one_in_each_partition() -> list[str]:
    found: dict[int, str] = {}
    for number in count():
        user = f"person-{number}"
        found.setdefault(partition_of(user.encode(), PARTITIONS), user)
        if len(found) == PARTITIONS:
            return list(found.values())
    raise AssertionError("never reached")


def held_by(worker: Child) -> set[int]:
    """By its log; each line is all it holds."""
    last = [line for line in worker.command.log.read_text().splitlines() if "partitions_held" in line][-1]
    return set(msgspec.json.decode(last)["held"])


def started(servers: Addresses, folder: Path, number: int) -> Child:
    settings = {"CHECKPOINT_INTERVAL_S": str(CHECKPOINT_S)}
    return start_ready(
        service("stream_processor", servers, folder, name=f"worker-{number}", settings=settings), PATIENCE_S
    )


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    took_s: dict[str, list[float]] = {"SIGKILL": [], "SIGTERM": []}
    with (
        tempfile.TemporaryDirectory(prefix="takeover-benchmark-") as name,
        start_servers(Path(name)) as servers,
    ):
        provision(servers, Path(name))
        workers = [started(servers, Path(name), number) for number in range(2)]
        ward = Ward(KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap))
        for number in range(2 * rounds):
            ward.first_s(set(range(PARTITIONS)), time.monotonic())
            how = signal.SIGTERM if number % 2 else signal.SIGKILL
            leaving = workers.pop(0)
            lost = held_by(leaving)
            since_s = time.monotonic()
            leaving.send(how)
            took_s[how.name].append(max(ward.first_s(lost, since_s).values()))
            leaving.stop()
            workers.append(started(servers, Path(name), number + 2))
        ward.close()
        for worker in workers:
            worker.stop()
    for ended, seconds in took_s.items():
        said = ", ".join(f"{each:.1f}" for each in sorted(seconds))
        print(f"{ended}: seconds until the last of its partitions was scored again: {said}")


if __name__ == "__main__":
    main()
