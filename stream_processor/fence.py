"""The transactional producer of one partition: whoever opened it last is the only one who can write."""

from collections.abc import Sequence

from confluent_kafka import KafkaException

from stream_processor.outputs import Letter
from wardstream.contracts.state_topic import writer_id
from wardstream.runtime import kafka
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka import KafkaSettings
from wardstream.runtime.logs import logger
from wardstream.runtime.metrics import PROCESSOR_FENCED

# A killed worker's open transaction holds back those who read only what is committed until its successor opens the fence,
# or this long.
_TRANSACTION_TIMEOUT_MS = 30_000
_PATIENCE_S = 60.0
_POLL_EVERY = 5_000
_ATTEMPTS = 3


class Fenced(CannotRun):
    """Another worker has taken the partition over: nothing of ours was written, and nothing may be."""


class Fence:
    """Writes rows and outputs in one transaction each. Opening it ends every other worker's right to write.

    A method that raises leaves nothing visible to those who read what is committed.
    """

    def __init__(self, settings: KafkaSettings, state_topic: str, partition: int) -> None:
        self._topic = state_topic
        self._partition = partition
        self._producer = kafka.producer(
            settings,
            transactional_id=writer_id(state_topic, partition),
            transaction_timeout_ms=_TRANSACTION_TIMEOUT_MS,
            message_timeout_ms=_TRANSACTION_TIMEOUT_MS,
            queue_buffering_max_messages=1_000_000,
            linger_ms=5,
        )

    def open(self) -> None:
        """Takes the partition over; a transaction that somebody left open is aborted. `CannotRun` if Kafka won't have it."""
        try:
            self._producer.init_transactions(_PATIENCE_S)
        except KafkaException as error:
            raise CannotRun(f"Kafka will not open {self._topic}: {error.args[0].str()}") from error

    def write(self, rows: Sequence[tuple[bytes, bytes | None]], letters: Sequence[Letter]) -> None:
        """Writes rows (key, value; None removes it) and letters, all or nothing.

        `Fenced` if another worker has the partition; `CannotRun` if Kafka stays away.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._attempt(rows, letters)
            except KafkaException as error:
                self._judge(error, is_last=attempt == _ATTEMPTS)
            else:
                return

    def _attempt(self, rows: Sequence[tuple[bytes, bytes | None]], letters: Sequence[Letter]) -> None:
        self._producer.begin_transaction()
        produce, poll = self._producer.produce, self._producer.poll
        for count, (key, value) in enumerate(rows):
            produce(self._topic, value, key, self._partition)
            if count % _POLL_EVERY == 0:
                poll(0)
        for count, letter in enumerate(letters):
            produce(letter.topic, letter.value, letter.key)
            if count % _POLL_EVERY == 0:
                poll(0)
        self._producer.commit_transaction(_PATIENCE_S)

    def _judge(self, failure: KafkaException, *, is_last: bool) -> None:
        """Makes the next attempt possible, or raises what ends the process."""
        error = failure.args[0]
        if error.fatal():
            PROCESSOR_FENCED.inc()
            raise Fenced(
                f"another worker has taken partition {self._partition} over ({error.name()})"
            ) from failure
        logger().warning("transaction_failed", partition=self._partition, code=error.name())
        if is_last or not error.txn_requires_abort():
            raise CannotRun(f"Kafka does not take the state: {error.str()}") from failure
        try:
            self._producer.abort_transaction(_PATIENCE_S)
        except KafkaException as why:
            raise CannotRun(f"Kafka does not take the state: {why.args[0].str()}") from why
