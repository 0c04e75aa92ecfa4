"""Readings that go on coming while a test does something else."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from wardstream.contracts import wire
from wardstream.contracts.reading import Reading
from wardstream.contracts.topics import READINGS
from wardstream.local.addresses import Addresses
from wardstream.runtime.kafka import KafkaSettings, producer

_TIMEOUT_S = 90.0
_POLL_S = 0.05


class Flow:
    """Writes readings in order at a steady rate, in a thread of its own, until stopped or out of them."""

    def __init__(self, servers: Addresses, readings: Sequence[Reading], per_s: int) -> None:
        self._readings = readings
        self._producer = producer(KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap))
        self._at_once = max(1, round(per_s * _POLL_S))
        self._asked = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flow")
        self._written = 0

    @property
    def written(self) -> list[Reading]:
        """What was handed to Kafka so far, in order."""
        return list(self._readings[: self._written])

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        while self._written < len(self._readings) and not self._asked.wait(_POLL_S):
            for each in self._readings[self._written : self._written + self._at_once]:
                self._producer.produce(READINGS.name, wire.encode(each), each.user_id)
                self._written += 1
            self._producer.poll(0)

    def wait_for_more(self, count: int) -> None:
        """Until so many more were written; fails if there are not enough."""
        enough = self._written + count
        deadline = time.monotonic() + _TIMEOUT_S
        while self._written < enough:
            assert self._thread.is_alive(), "the readings have run out: the test needs more of them"
            assert time.monotonic() < deadline, "the readings do not flow"
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """Once Kafka has everything that was written. Repeatable."""
        self._asked.set()
        self._thread.join()
        assert self._producer.flush(_TIMEOUT_S) == 0


@contextmanager
def flowing(servers: Addresses, readings: Sequence[Reading], per_s: int) -> Iterator[Flow]:
    """Flows until the block ends, or `stop`."""
    flow = Flow(servers, readings, per_s)
    flow.start()
    try:
        yield flow
    finally:
        flow.stop()
