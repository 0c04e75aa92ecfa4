"""Moving rows with the processor's own right to write: who moves them has fenced every worker."""

import time
from collections.abc import Iterable
from typing import NamedTuple

from confluent_kafka import KafkaException, Producer

from wardstream.contracts.state_topic import writer_id
from wardstream.runtime import kafka
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka import KafkaSettings, partitions_of

# In a header of every record that was moved: it says nothing new.
MOVED = "wardstream-moved"
_HEADERS: list[tuple[str, str | bytes | None]] = [(MOVED, b"1")]
_PATIENCE_S = 60.0
_POLL_S = 0.05


class Move(NamedTuple):
    """A row and where it belongs; None: it is there already, in a newer form."""

    key: bytes
    value: bytes
    target: int | None


class Writers:
    """The right to write each partition of a state topic, from the moment it is first asked for."""

    def __init__(self, settings: KafkaSettings, state: str) -> None:
        self._settings = settings
        self._state = state
        self._producers: dict[int, Producer] = {}

    def open(self, partitions: Iterable[int]) -> None:
        """Fences every worker that has held one of these, and aborts what it left open."""
        for number in partitions:
            self._of(number)

    def move(self, topic: str, source: int, moves: Iterable[Move], partitions: int) -> None:
        """In one transaction: every row into its new partition, and a tombstone into `source`, one of `partitions`.

        `CannotRun` if a worker has taken the partition over or Kafka stays away; then nothing of it is visible.
        """
        producer = self._of(source)
        try:
            _wait_until_known(producer, topic, partitions)
            producer.begin_transaction()
            for key, value, target in moves:
                if target is not None:
                    producer.produce(topic, value, key, target, headers=_HEADERS)
                producer.produce(topic, None, key, source, headers=_HEADERS)
                producer.poll(0)
            producer.commit_transaction(_PATIENCE_S)
        except KafkaException as error:
            raise _judged(error, source) from error

    def _of(self, number: int) -> Producer:
        if number not in self._producers:
            made = kafka.producer(self._settings, transactional_id=writer_id(self._state, number))
            try:
                made.init_transactions(_PATIENCE_S)
            except KafkaException as error:
                raise CannotRun(f"Kafka will not open {self._state}: {error.args[0].str()}") from error
            self._producers[number] = made
        return self._producers[number]


def _wait_until_known(producer: Producer, topic: str, partitions: int) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while partitions_of(producer, topic) < partitions:
        if time.monotonic() > deadline:
            raise CannotRun(f"Kafka does not show the new partitions of {topic}: run this again")
        time.sleep(_POLL_S)


def _judged(failure: KafkaException, source: int) -> CannotRun:
    error = failure.args[0]
    if error.fatal():
        return CannotRun(
            f"a worker of the processor has taken partition {source} over ({error.name()}): stop it and run this again"
        )
    return CannotRun(f"Kafka does not take the moved rows ({error.str()}): run this again")
