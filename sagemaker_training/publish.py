"""From the shelf to the topic `user-models`: everything that changed since Kafka was last told, in fenced transactions.

One publisher at a time: whoever begins later ends the right of whoever began before, and reads the shelf only then. So a
message of an older manifest can't come behind one of a newer. What dies in between is said again by the next; saying
it twice changes nothing.
"""

import time
from collections.abc import Iterable, Iterator
from itertools import pairwise

from confluent_kafka import KafkaException, Producer

from sagemaker_training.announce import Letter, heights, letters
from sagemaker_training.manifest import Manifest
from sagemaker_training.shelf import Gone, Shelf
from wardstream.contracts.topics import USER_MODELS
from wardstream.runtime import kafka
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka import KafkaSettings
from wardstream.runtime.logs import logger
from wardstream.runtime.metrics import MODELS_PUBLISHED

_WRITER = "wardstream-user-models"
_TRANSACTION_TIMEOUT_MS = 120_000
_PATIENCE_S = 120.0
_AT_ONCE = 5_000
_POLL_S = 0.5
_ATTEMPTS = 3


def publish(settings: KafkaSettings, shelf: Shelf) -> int:
    """Tells Kafka what is in force and not told yet; how many people's models that changed.

    Returns once Kafka has confirmed, whoever of several publishers said it. `CannotRun` if Kafka stays away.
    """
    kafka.require_topics(settings, {USER_MODELS.name: None})
    wanted = shelf.newest().number
    for _ in range(_ATTEMPTS):
        if shelf.announced() >= wanted:
            return 0
        writer = _writer(settings)
        newest = shelf.newest()
        try:
            said = _told(writer, _everything(shelf, newest))
        except Gone:
            # Another publisher has told everything, and an erasure removed what only we still wanted to read.
            if shelf.announced() < wanted:
                raise
            continue
        if said is not None:
            shelf.mark_announced(newest.number)
            logger().info("models_published", people=said, number=newest.number)
            return said
        _wait(shelf, wanted)
    raise CannotRun("other publishers keep taking over: let one finish, then run this again")


def _writer(settings: KafkaSettings) -> Producer:
    writer = kafka.producer(
        settings,
        transactional_id=_WRITER,
        transaction_timeout_ms=_TRANSACTION_TIMEOUT_MS,
        message_timeout_ms=_TRANSACTION_TIMEOUT_MS,
    )
    try:
        writer.init_transactions(_PATIENCE_S)
    except KafkaException as error:
        raise CannotRun(f"Kafka will not take models: {error.args[0].str()}") from error
    return writer


def _everything(shelf: Shelf, newest: Manifest) -> Iterator[list[Letter]]:
    """What to say, bin by bin: only the books that differ are read."""
    chain = [*map(shelf.manifest, range(shelf.announced(), newest.number)), newest]
    for name in sorted(newest.books):
        number = int(name, 16)
        steps = [
            (shelf.book(before, number), shelf.book(after, number))
            for before, after in pairwise(chain)
            if before.books.get(name) != after.books.get(name)
        ]
        if steps:
            yield from letters(heights(steps), steps[-1][1])


def _told(writer: Producer, groups: Iterable[list[Letter]]) -> int | None:
    """Sends in transactions of bounded size; None if another publisher has taken over."""
    said = 0
    batch: list[Letter] = []
    for group in groups:
        batch += group
        said += 1
        if len(batch) >= _AT_ONCE:
            if not _sent(writer, batch):
                return None
            batch = []
    return said if _sent(writer, batch) else None


def _sent(writer: Producer, batch: list[Letter]) -> bool:
    """Whether Kafka has the batch, all of it; False if another publisher has taken over."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            _attempt(writer, batch)
        except KafkaException as error:
            if error.args[0].fatal():
                logger().info("publication_taken_over")
                return False
            _judge(writer, error, is_last=attempt == _ATTEMPTS)
        else:
            break
    MODELS_PUBLISHED.inc(len({letter.key for letter in batch}))
    return True


def _attempt(writer: Producer, batch: list[Letter]) -> None:
    if not batch:
        return
    writer.begin_transaction()
    for letter in batch:
        writer.produce(USER_MODELS.name, letter.value, letter.key)
        writer.poll(0)
    writer.commit_transaction(_PATIENCE_S)


def _judge(writer: Producer, failure: KafkaException, *, is_last: bool) -> None:
    """Makes the next attempt possible, or raises what ends the process."""
    error = failure.args[0]
    logger().warning("transaction_failed", code=error.name())
    if is_last or not error.txn_requires_abort():
        raise CannotRun(f"Kafka does not take models: {error.str()}") from failure
    try:
        writer.abort_transaction(_PATIENCE_S)
    except KafkaException as why:
        raise CannotRun(f"Kafka does not take models: {why.args[0].str()}") from why


def _wait(shelf: Shelf, wanted: int) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while shelf.announced() < wanted and time.monotonic() < until_s:
        time.sleep(_POLL_S)
