"""Manifests: what is in force as a whole. Whoever writes the next number decides; everything else only lies ready. Pure."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Why = Literal["training", "rollback", "promotion", "erasure"]

# Listings are in the order of names, oldest to newest if they were plain numbers. Counting down, the newest comes first.
_MOST = 10**10 - 1
_BOOK = re.compile(r"models/books/[0-9a-f]{2}/(\d{10})-[0-9a-f]{16}\.json\.gz")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a bin's book lies, the SHA-256 of its bytes, how many people it names and how many of them have a model in force."""

    key: str
    sha256: str
    people: int
    active: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True, tag_field="v", tag=1):
    """Everything in force after change `number`: a book for each bin that has one, by the bin's number in hex."""

    number: Annotated[int, Meta(ge=0)]
    made_at_us: int
    why: Why
    books: dict[str, Place] = {}


NOTHING = Manifest(number=0, made_at_us=0, why="training")

_manifest = msgspec.json.Decoder(Manifest)


def encoded(manifest: Manifest) -> bytes:
    """Its bytes; the same manifest gives the same."""
    return msgspec.json.encode(manifest, order="deterministic")


def decoded(data: bytes) -> Manifest:
    """The manifest in `data`; `ValueError` if it isn't one that this build reads."""
    return _manifest.decode(data)


def followed(before: Manifest, why: Why, made_at_us: int, places: Mapping[str, Place]) -> Manifest:
    """The next one, with these books in place of those of the same bins."""
    return Manifest(
        number=before.number + 1, made_at_us=made_at_us, why=why, books=before.books | dict(places)
    )


def hexed(number: int) -> str:
    """A bin's name."""
    return f"{number:02x}"


def book_key(bin_name: str, number: int, digest: str) -> str:
    """The object of a bin's book as change `number` makes it."""
    return f"{books_folder(bin_name)}{number:010d}-{digest[:16]}.json.gz"


def book_number(key: str) -> int | None:
    """The change that a book was made for: no other manifest can be the first to name it. None: no book's name."""
    found = _BOOK.fullmatch(key)
    return int(found[1]) if found else None


def by_number(keys: Iterable[str]) -> dict[int, list[str]]:
    """Books by the change that they were made for; other objects are left out."""
    found: dict[int, list[str]] = {}
    for key in sorted(keys):
        number = book_number(key)
        if number is not None:
            found.setdefault(number, []).append(key)
    return found


def in_vain(keys: Iterable[str], manifest: Manifest) -> list[str]:
    """Of books made for this manifest's number those that it doesn't name: no other ever will."""
    named = {place.key for place in manifest.books.values()}
    return [key for key in keys if key not in named]


def books_folder(bin_name: str) -> str:
    """Where the books of a bin lie."""
    return f"{BOOKS}{bin_name}/"


BOOKS = "models/books/"
MANIFESTS = "models/manifests/"
ANNOUNCED = "models/announced/"


def counted_down(folder: str, number: int) -> str:
    """The object in `folder` for `number`; a listing of the folder begins with the highest."""
    return f"{folder}{_MOST - number:010d}.json"


def number_of(key: str) -> int:
    """The number that `counted_down` named."""
    return _MOST - int(key.rpartition("/")[2].removesuffix(".json"))


def digest(data: bytes) -> str:
    """The SHA-256 of a book's bytes."""
    return hashlib.sha256(data).hexdigest()
