"""The shelf's books: of every person of one bin the versions of their model, and which of them is in force. Pure.

A version is `shadow` (fitted and judged, not in use), then `active` (in force, one at most), then `retired` (kept for going
back). Numbers only grow and are never given twice, so that one number always means the same parameters.
"""

import gzip
from collections.abc import Callable, Collection, Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sagemaker_training.shards import BINS
from sagemaker_training.verdict import Verdict
from wardstream.contracts.user_model import UserModel

State = Literal["shadow", "active", "retired"]

# Enough to go back several times; what is older stays in older books.
_MOST_KEPT = 6


class Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version. `replaces` is the version that was in force before it became so; 0: none."""

    model: UserModel
    state: State
    verdict: Verdict
    replaces: int = 0


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One person's versions, oldest first. `is_held`: rolled back, so what is fitted later stays shadow until promoted."""

    user_id: str
    kept: tuple[Kept, ...] = ()
    is_held: bool = False

    def of(self, state: State) -> Kept | None:
        """The newest version in that state."""
        return next((kept for kept in reversed(self.kept) if kept.state == state), None)

    @property
    def active_version(self) -> int:
        """The version in force; 0 when none is."""
        active = self.of("active")
        return active.model.version if active else 0


class Book(msgspec.Struct, frozen=True, kw_only=True, tag_field="v", tag=1):
    """Everybody of one bin, by user id."""

    bin: Annotated[int, Meta(ge=0, lt=BINS)]
    entries: dict[str, Entry] = {}

    @property
    def active(self) -> int:
        """How many people have a version in force."""
        return sum(entry.active_version > 0 for entry in self.entries.values())


_book = msgspec.json.Decoder(Book)


def encoded(book: Book) -> bytes:
    """The book as gzipped JSON; the same book gives the same bytes."""
    return gzip.compress(msgspec.json.encode(book, order="deterministic"), mtime=0)


def decoded(data: bytes) -> Book:
    """The book in `data`; `ValueError` if it isn't one that this build reads."""
    try:
        return _book.decode(gzip.decompress(data))
    except (OSError, EOFError, msgspec.MsgspecError) as error:
        raise ValueError(str(error)) from error


def changed(book: Book, people: Iterable[str], change: Callable[[Entry], Entry]) -> Book:
    """The book after `change` of the entries of `people`; who isn't in it begins with nothing."""
    entries = dict(book.entries)
    for user_id in people:
        entry = change(entries.get(user_id) or Entry(user_id=user_id))
        if entry.kept:
            entries[user_id] = entry
    return Book(bin=book.bin, entries=entries)


def without(book: Book, people: Collection[str]) -> Book:
    """The book as if `people` had never been in it; everybody else's versions are as they were."""
    return Book(
        bin=book.bin, entries={name: entry for name, entry in book.entries.items() if name not in people}
    )


def shelved(entry: Entry, model: UserModel, verdict: Verdict) -> Entry:
    """With a newly fitted version as its shadow; an older shadow goes."""
    kept = tuple(each for each in entry.kept if each.state != "shadow")
    return _with(entry, (*kept, Kept(model=model, state="shadow", verdict=verdict)))


def promoted(entry: Entry) -> Entry:
    """With its shadow in force, what was in force retired, and not held any more; the same if there is no shadow."""
    shadow = entry.of("shadow")
    if shadow is None:
        return entry
    now = msgspec.structs.replace(shadow, state="active", replaces=entry.active_version)
    others = tuple(_retired(each) for each in entry.kept if each is not shadow)
    return msgspec.structs.replace(_with(entry, (*others, now)), is_held=False)


def rolled_back(entry: Entry) -> Entry:
    """With the version in force that was so before, or none; held from now on. The same if nothing is in force."""
    active = entry.of("active")
    if active is None:
        return entry
    kept = tuple(
        msgspec.structs.replace(each, state="active")
        if each.model.version == active.replaces
        else _retired(each)
        for each in entry.kept
    )
    return msgspec.structs.replace(entry, kept=kept, is_held=True)


def _retired(kept: Kept) -> Kept:
    return msgspec.structs.replace(kept, state="retired") if kept.state == "active" else kept


def _with(entry: Entry, kept: tuple[Kept, ...]) -> Entry:
    retired = [each for each in kept if each.state == "retired"]
    gone = retired[: max(0, len(kept) - _MOST_KEPT)]
    return msgspec.structs.replace(entry, kept=tuple(each for each in kept if each not in gone))
