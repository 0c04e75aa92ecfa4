"""What Kafka must be told so that the processors use what is in force. Pure.

The processor takes a version only if it is higher than the one it has, so that a stale message changes nothing; a tombstone
makes it forget. Going back is therefore said in two messages, a tombstone and the older version (decision 0015).
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sagemaker_training.book import Book
from wardstream.contracts import wire
from wardstream.contracts.user_model import UserModel


class Letter(NamedTuple):
    """A record of `user-models`; without a value it is a tombstone."""

    key: str
    value: bytes | None


def heights(steps: Iterable[tuple[Book, Book]]) -> dict[str, int]:
    """Of everybody whose version in force changed in any of these (before, after): the highest version Kafka may know.

    Who isn't in `after` any more was erased, and has none in force.
    """
    highest: dict[str, int] = {}
    for before, after in steps:
        for user_id in before.entries.keys() | after.entries.keys():
            was, now = _active(before, user_id), _active(after, user_id)
            if was != now:
                highest[user_id] = max(highest.get(user_id, 0), was, now)
    return highest


def letters(highest: Mapping[str, int], book: Book) -> list[list[Letter]]:
    """What to say of those in `highest`, by `book`, which is in force now; what belongs together comes in one list."""
    said = []
    for user_id in sorted(highest):
        entry = book.entries.get(user_id)
        active = entry.of("active") if entry else None
        said.append(_said(user_id, active.model if active else None, highest[user_id]))
    return said


def _active(book: Book, user_id: str) -> int:
    entry = book.entries.get(user_id)
    return entry.active_version if entry else 0


def _said(user_id: str, model: UserModel | None, highest: int) -> list[Letter]:
    if model is None:
        return [Letter(user_id, None)]
    now = Letter(user_id, wire.encode(model))
    return [now] if model.version >= highest else [Letter(user_id, None), now]
