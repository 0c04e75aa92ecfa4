"""Readings without end, written at a steady rate from a thread while the workers are being killed."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import islice

from tests.scoring.made import reading
from wardstream.contracts import wire
from wardstream.contracts.reading import Reading
from wardstream.contracts.topics import READINGS
from wardstream.local.addresses import Addresses
from wardstream.runtime.kafka import KafkaSettings, producer

_SLICE_S = 0.1
_TIMEOUT_S = 60.0


def restless(users: Sequence[str], seed: int, *, races: bool = True) -> Iterator[Reading]:
    """Hearts that race (unless not `races`) and calm down, resent and late readings: round after round, ten seconds apart."""
    rng = random.Random(seed)
    number = 0
    while True:
        for place, user in enumerate(users):
            is_racing = races and (number // 12 + place) % 2 == 1
            pulse = float(rng.randint(133, 150) if is_racing else rng.randint(55, 115))
            late_s = 300 if rng.random() < 0.03 else 0
            said = reading(1000 + number * 10 - late_s, user=user, heart_rate_bpm=pulse)
            yield said
            if rng.random() < 0.05:
                yield said
        number += 1


class Feed:
    """Writes to `readings` from `start` until `stop`; keeps what was written, in order."""

    def __init__(self, servers: Addresses, users: Sequence[str], seed: int, per_s: int) -> None:
        self._servers = servers
        self._source = restless(users, seed)
        self._per_s = per_s
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self.written: list[Reading] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns once Kafka has everything."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        writer = producer(KafkaSettings(kafka_bootstrap=self._servers.kafka_bootstrap))
        while not self._ending.is_set():
            began = time.monotonic()
            part = list(islice(self._source, round(self._per_s * _SLICE_S)))
            for each in part:
                writer.produce(READINGS.name, wire.encode(each), each.user_id)
            assert writer.flush(_TIMEOUT_S) == 0
            self.written += part
            self._ending.wait(max(0.0, began + _SLICE_S - time.monotonic()))
