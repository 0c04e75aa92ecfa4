"""Writing people whose erasure is under way out of the shelf: the manifest in force first, then every object that names them.

Each step can be repeated, so whatever is killed is done again by the next training. A training that read somebody's
readings before they were erased asks for the journals once more when its books are written, before they are in force: either
it sees the journal, or the erasure sees its books and waits for another training.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_training import book as books
from sagemaker_training import erased
from sagemaker_training import manifest as manifests
from sagemaker_training.shards import bin_of
from sagemaker_training.shelf import Gone, Shelf
from sagemaker_training.train import Barred
from wardstream.lake.objects import Bucket
from wardstream.person.journal import Journal, Journals
from wardstream.person.lake import remove_older_versions
from wardstream.person.models import listed, named
from wardstream.runtime.logs import logger

_THREADS = 8


class Forgotten(NamedTuple):
    """What forgetting came to. `left`: objects that must stay until Kafka has been told of what is in force."""

    people: int
    number: int
    removed: int
    left: int


def barred_by(bucket: Bucket, since: date) -> Barred:
    """Asks the bucket's journals, each time anew, for a training that reads dates from `since` on."""
    journals = Journals(bucket)
    return lambda people: erased.barred(people, _read(journals), since)


def _read(journals: Journals) -> list[Journal]:
    return [entry.journal for entry in journals.everything()]


def forget(bucket: Bucket, shelf: Shelf, tell: Callable[[], object], now_us: Callable[[], int]) -> Forgotten:
    """Forgets everybody whose erasure is under way. `tell` publishes what is in force, where there is a Kafka.

    `CannotRun` says what is in the way; then run it again.
    """
    journals = _read(Journals(bucket))
    people = erased.pending(journals)
    if journals:
        _sweep(bucket, shelf)
    found = _naming(bucket, people, journals)
    if not found:
        return Forgotten(0, shelf.newest().number, 0, 0)
    shelf.change(
        "erasure",
        {bin_of(name) for name in people},
        lambda book, _number: books.without(book, people),
        now_us,
        # A book that somebody wrote and hasn't put in force must not come into force once it is removed.
        past=erased.highest(found),
    )
    tell()
    # Again: before the manifest others may have written some.
    found |= _naming(bucket, people, journals)
    told = shelf.announced()
    newest = shelf.newest()
    gone = erased.removable(found, [*map(shelf.manifest, range(told, newest.number)), newest])
    for key in gone:
        _remove(bucket, key)
    done = Forgotten(len(people), newest.number, len(gone), len(found) - len(gone))
    logger().info("people_forgotten", **done._asdict())
    return done


def _naming(bucket: Bucket, people: Iterable[str], journals: Iterable[Journal]) -> set[str]:
    """The objects that name one of these people: of their bins' books, and of what the erasures themselves found."""
    elsewhere = {key for each in journals for key in each.models}
    found = set[str]()
    for name in people:
        folder = manifests.books_folder(manifests.hexed(bin_of(name)))
        found.update(named(bucket, elsewhere.union(listed(bucket, folder)), name))
    return found


def _sweep(bucket: Bucket, shelf: Shelf) -> None:
    """Removes books of changes that never came into force and can't any more: whoever wrote them was killed."""
    newest = shelf.newest().number
    written = manifests.by_number(listed(bucket, manifests.BOOKS))
    past = [(number, keys) for number, keys in written.items() if number <= newest]
    with ThreadPoolExecutor(_THREADS) as threads:
        for keys in threads.map(partial(_in_vain, shelf), past):
            for key in keys:
                _remove(bucket, key)


def _in_vain(shelf: Shelf, written: tuple[int, list[str]]) -> list[str]:
    number, keys = written
    try:
        return manifests.in_vain(keys, shelf.manifest(number))
    except Gone:
        # A lifecycle rule's business.
        return []


def _remove(bucket: Bucket, key: str) -> None:
    try:
        bucket.client.delete_object(Bucket=bucket.name, Key=key)
    except (ClientError, BotoCoreError) as error:
        raise bucket.fault(error) from error
    remove_older_versions(bucket, key)
