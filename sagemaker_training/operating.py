"""What operators do with the shelf: look, go back, let a shadow take over. Each change is published at once."""

import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from sagemaker_training import book as books
from sagemaker_training.book import Book, Entry, State
from sagemaker_training.manifest import Manifest, Why
from sagemaker_training.publish import publish
from sagemaker_training.shards import bin_of
from sagemaker_training.shelf import Shelf, everything
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka import KafkaSettings


class Changed(NamedTuple):
    """How many people's version in force an operator changed, and under which number."""

    people: int
    number: int


class Overview(NamedTuple):
    """What is in force: the newest manifest, and of each version how many people have it in which state."""

    manifest: Manifest
    announced: int
    versions: dict[int, Counter[State]]
    held: int


def overview(shelf: Shelf) -> Overview:
    """Reads every book."""
    manifest = shelf.newest()
    versions: dict[int, Counter[State]] = {}
    held = 0
    for book in everything(shelf, manifest).values():
        for entry in book.entries.values():
            held += entry.is_held
            for kept in entry.kept:
                versions.setdefault(kept.model.version, Counter())[kept.state] += 1
    return Overview(manifest, shelf.announced(), dict(sorted(versions.items())), held)


def entry_of(shelf: Shelf, user_id: str) -> Entry:
    """One person's versions; `CannotRun` if there are none."""
    entry = shelf.book_in_force(shelf.newest(), bin_of(user_id)).entries.get(user_id)
    if entry is None:
        raise CannotRun("the shelf has no model of this person")
    return entry


def roll_back(settings: KafkaSettings, shelf: Shelf, user_id: str | None) -> Changed:
    """Puts the version before in force again, for one person or (None) for everybody."""
    return _change(settings, shelf, user_id, "rollback", books.rolled_back)


def promote(settings: KafkaSettings, shelf: Shelf, user_id: str | None) -> Changed:
    """Puts shadows in force, for one person or (None) for everybody who has one."""
    return _change(settings, shelf, user_id, "promotion", books.promoted)


def _change(
    settings: KafkaSettings, shelf: Shelf, user_id: str | None, why: Why, change: Callable[[Entry], Entry]
) -> Changed:
    if user_id is not None:
        entry_of(shelf, user_id)
    before = shelf.newest()
    bins = [bin_of(user_id)] if user_id is not None else [int(name, 16) for name in before.books]
    changed: dict[int, int] = {}

    def edit(book: Book, _number: int) -> Book:
        after = books.changed(book, [user_id] if user_id is not None else book.entries, change)
        changed[book.bin] = sum(
            entry.active_version != book.entries[name].active_version for name, entry in after.entries.items()
        )
        return after

    after = shelf.change(why, bins, edit, lambda: time.time_ns() // 1000)
    publish(settings, shelf)
    return Changed(sum(changed.values()), after.number)
