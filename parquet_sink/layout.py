"""Names of the lake's objects. Pure."""

from collections.abc import Iterable
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

# What a claim's metadata says: the last offset of its cut.
LAST = "last"
# Marks that say up to where a partition is in the lake as a whole.
WHOLE = "whole/"
# What was merged into what.
MERGES = "merges/"
_SUFFIX = ".parquet"
_MERGED = "merged-"
_OFFSET_DIGITS = 20


class Source(NamedTuple):
    """A partition of a topic. A topic that was deleted and made anew has another id: its offsets begin again."""

    topic: str
    topic_id: str
    partition: int

    @property
    def name(self) -> str:
        """As it stands in the names of objects."""
        return f"{self.topic}-{self.topic_id}-{self.partition}"


class Claim(NamedTuple):
    """What the name of a cut's object says: whose it is, by `Source.name`, and its first row's offset."""

    source: str
    first: int


def folder(table: str, day: date) -> str:
    """Where the files of a date lie."""
    return f"{table}/date={day.isoformat()}/"


def object_key(table: str, source: Source, first: int, day: date) -> str:
    """The object with the rows of `day` in the cut of `source` that begins with the row at `first`.

    The cut's end is not in the name, on purpose: two owners of the same beginning compete for the same name, and
    S3 lets one of them win (`store.put_new`).
    """
    return f"{folder(table, day)}{source.name}-{first:0{_OFFSET_DIGITS}d}{_SUFFIX}"


def content_key(table: str, day: date, body: bytes) -> str:
    """An object named by what is in it: whoever writes the same twice writes one."""
    return f"{folder(table, day)}{blake2b(body, digest_size=12).hexdigest()}{_SUFFIX}"


def merged_key(table: str, day: date, plan: str, number: int) -> str:
    """The `number`th object that the merge `plan` makes."""
    return f"{folder(table, day)}{_MERGED}{plan}-{number:05d}{_SUFFIX}"


def unit_of(key: str) -> str:
    """What files that one merge wrote have in common; any other file's own name."""
    name = key.rpartition("/")[2]
    return name.rpartition("-")[0] if name.startswith(_MERGED) else name


def day_of(key: str) -> date | None:
    """The date whose folder the object lies in."""
    _, _, folders = key.partition("/date=")
    try:
        return date.fromisoformat(folders.partition("/")[0])
    except ValueError:
        return None


def plan_key(table: str, day: date, plan: str) -> str:
    """Where it is written down what the merge `plan` has put in whose place."""
    return f"{MERGES}{folder(table, day)}{plan}.json"


def claim_of(key: str) -> Claim | None:
    """What the object's name claims; None for one that no sink made."""
    name = key.rpartition("/")[2].removesuffix(_SUFFIX)
    source, _, first = name.rpartition("-")
    if name.startswith(_MERGED) or len(first) != _OFFSET_DIGITS or not first.isdigit():
        return None
    return Claim(source, int(first))


def whole_key(source: str, before: int) -> str:
    """The mark that every row of `source` before this offset is in the lake."""
    return f"{WHOLE}{source}/{before:0{_OFFSET_DIGITS}d}"


def whole_before(keys: Iterable[str]) -> dict[str, int]:
    """Of each `Source.name`, the offset before which all is in the lake, by the marks among `keys`."""
    found: dict[str, int] = {}
    for key in keys:
        source, _, before = key.removeprefix(WHOLE).rpartition("/")
        found[source] = max(int(before), found.get(source, 0))
    return found


def newest_claims(keys: Iterable[str]) -> dict[str, int]:
    """Of each `Source.name`, the largest first row claimed among `keys`.

    The cuts of a partition form a chain, and nobody begins one before the last is whole: so everything before the
    newest claim is in the lake.
    """
    found: dict[str, int] = {}
    for claim in filter(None, map(claim_of, keys)):
        found[claim.source] = max(claim.first, found.get(claim.source, 0))
    return found
