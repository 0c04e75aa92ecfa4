"""Which files of a date are merged now. Pure.

Whatever a killed or second compactor leaves is a file like any other: rows may lie in several files, and the views show each once. Only two things
must never happen: that rows are removed which no other file has, and that a claim is removed which somebody may still complete.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from itertools import groupby

import msgspec

from parquet_sink import layout
from parquet_sink.store import Found
from wardstream.contracts.tables import LakeTable

# Units of about one size are merged: so a row is rewritten as often as the logarithm of the date's size says, however late rows trickle in.
_LARGER = 2


@dataclass(frozen=True)
class Merge:
    """Files of one date to be put in one row of files."""

    table: LakeTable
    day: date
    sources: tuple[Found, ...]

    @property
    def name(self) -> str:
        """By what is merged: who finds the same plans the same, and writes under the same names."""
        said = "\n".join(f"{one.key} {one.etag}" for one in self.sources)
        return blake2b(said.encode(), digest_size=10).hexdigest()


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What the merge's own object says: these outputs hold every reading of these sources."""

    sources: tuple[str, ...]
    outputs: tuple[str, ...]


def plan(
    table: LakeTable,
    day: date,
    found: Iterable[Found],
    whole: Mapping[str, int],
    pending: Sequence[Published],
    *,
    everything: bool,
) -> Merge | None:
    """What to merge of a date's files; None if nothing is worth it.

    `whole`: by `Source.name`, the offset before which all is in the lake. `pending`: merges whose sources are not removed yet;
    neither their sources nor their outputs are touched. `everything`: whatever it costs, into one row of files.
    """
    busy = {key for merge in pending for key in (*merge.sources, *merge.outputs)}
    free = [one for one in found if one.key not in busy and _is_settled(one.key, whole)]
    units = sorted(_units(free), key=_size)
    chosen = units if everything else _alike(units)
    if len(chosen) < 2:  # noqa: PLR2004 -- one is merged already
        return None
    return Merge(table, day, tuple(sorted(one for unit in chosen for one in unit)))


def _is_settled(key: str, whole: Mapping[str, int]) -> bool:
    """Whether nobody will complete or claim the object again."""
    claim = layout.claim_of(key)
    return claim is None or claim.first < whole.get(claim.source, 0)


def _units(found: list[Found]) -> list[list[Found]]:
    """Files that were written by one merge are one row of files."""
    ordered = sorted(found, key=lambda one: layout.unit_of(one.key))
    return [list(unit) for _, unit in groupby(ordered, key=lambda one: layout.unit_of(one.key))]


def _size(unit: list[Found]) -> int:
    return sum(one.size_bytes for one in unit)


def _alike(units: list[list[Found]]) -> list[list[Found]]:
    """The smallest units up to where the next is much larger than all before it."""
    chosen: list[list[Found]] = []
    taken = 0
    best = 0
    for unit in units:
        if chosen and _size(unit) <= _LARGER * taken:
            best = len(chosen) + 1
        chosen.append(unit)
        taken += _size(unit)
    return chosen[:best]
