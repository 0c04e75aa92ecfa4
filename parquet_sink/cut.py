"""When a partition's held rows become files, and which rows. Pure.

A cut is a run of a partition's offsets that ends up in the lake as a whole. Cuts of a partition form a chain: each
begins where the one before ended, whoever made it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from parquet_sink.layout import Source
from wardstream.lake.schema import LAKE_SCHEMA


@dataclass(frozen=True, slots=True)
class Limits:
    """Cut at so many rows of a partition, at so many bytes of all together, or when the oldest has waited `age_s`."""

    rows: int
    bytes: int
    age_s: float


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of one partition, in the order of offsets: everything taken since the last cut.

    `next_offset` is one past the last record taken, refused ones included. `size_bytes` is that of the records as
    they came. `since_s` is when the oldest came. With `ends_at` the next cut is decided already: somebody claimed
    the run from our first row to that offset, and we help to complete it.
    """

    since_s: float
    next_offset: int
    size_bytes: int
    tables: tuple[pa.Table, ...] = ()
    rows: int = 0
    ends_at: int | None = None

    def with_more(self, rows: pa.Table, next_offset: int, size_bytes: int) -> "Held":
        """This and the records that follow. Offsets only grow: anything else is a defect, and crashes."""
        if next_offset <= self.next_offset:
            raise ValueError(f"offset {next_offset - 1} was taken before")
        return replace(
            self,
            next_offset=next_offset,
            size_bytes=self.size_bytes + size_bytes,
            tables=(*self.tables, rows) if rows.num_rows else self.tables,
            rows=self.rows + rows.num_rows,
        )


@dataclass(frozen=True, slots=True)
class Cut:
    """A partition's rows from `first` to `last`, in the order of offsets, and where the next cut begins.

    Named by its first row, not by the first offset taken: a leading refused record leaves no row, so owners
    that saw different amounts of it still agree on the name. Without rows there's nothing to write, only to commit.
    """

    source: Source
    next_offset: int
    rows: pa.Table
    is_claimed: bool
    size_bytes: int
    since_s: float
    made_at_s: float

    @property
    def first(self) -> int:
        """Offset of the first row."""
        return int(self.rows["offset"][0].as_py())

    @property
    def last(self) -> int:
        """Offset of the last row."""
        return int(self.rows["offset"][-1].as_py())


def due(held: Mapping[Source, Held], limits: Limits, now_s: float) -> list[Source]:
    """The partitions to cut now. When all together are too large, the largest go first until the rest fits."""
    ready = {source for source, rows in held.items() if _is_due(rows, limits, now_s)}
    waiting = {source: rows.size_bytes for source, rows in held.items() if source not in ready}
    for source in sorted(waiting, key=waiting.__getitem__, reverse=True):
        if sum(waiting.values()) < limits.bytes:
            break
        if held[source].ends_at is None:
            ready.add(source)
        del waiting[source]
    return sorted(ready)


def _is_due(held: Held, limits: Limits, now_s: float) -> bool:
    if held.ends_at is not None:
        return held.next_offset > held.ends_at
    return held.rows >= limits.rows or now_s - held.since_s >= limits.age_s


def cut(source: Source, held: Held, now_s: float) -> tuple[Cut, Held | None]:
    """Everything held (or, with `ends_at`, up to there) as one cut, and what stays held."""
    rows = pa.concat_tables(held.tables) if held.tables else LAKE_SCHEMA.empty_table()
    if held.ends_at is None:
        whole = Cut(
            source, held.next_offset, rows, False, held.size_bytes, since_s=held.since_s, made_at_s=now_s
        )
        return whole, None
    count = int(pc.sum(pc.less_equal(rows["offset"], held.ends_at)).as_py() or 0)
    size_bytes = held.size_bytes * count // max(1, held.rows)
    done = Cut(
        source,
        held.ends_at + 1,
        rows.slice(0, count),
        True,
        size_bytes,
        since_s=held.since_s,
        made_at_s=now_s,
    )
    if held.next_offset == done.next_offset:
        return done, None
    rest = rows.slice(count)
    left = Held(
        since_s=held.since_s,
        next_offset=held.next_offset,
        size_bytes=held.size_bytes - size_bytes,
        tables=(rest,) if rest.num_rows else (),
        rows=rest.num_rows,
    )
    return done, left


def taken_back(refused: Cut, held: Held | None, ends_at: int) -> Held:
    """The rows of a cut whose claim was taken, and what came since, held again until they can be cut at `ends_at`."""
    back = Held(
        since_s=refused.since_s,
        next_offset=refused.next_offset,
        size_bytes=refused.size_bytes,
        tables=(refused.rows,),
        rows=refused.rows.num_rows,
        ends_at=ends_at,
    )
    if held is None:
        return back
    return replace(
        back,
        next_offset=held.next_offset,
        size_bytes=back.size_bytes + held.size_bytes,
        tables=(*back.tables, *held.tables),
        rows=back.rows + held.rows,
    )


def behind(known: Cut, held: Held | None, before: int) -> tuple[Cut, Held | None]:
    """A cut of which everything before the offset `before` turned out to be in the lake: what has landed of it, and what stays held."""
    rest = known.rows.filter(pc.greater_equal(known.rows["offset"], before))
    if not rest.num_rows:
        return known, held
    left = Held(
        since_s=known.since_s,
        next_offset=known.next_offset if held is None else held.next_offset,
        size_bytes=known.size_bytes * rest.num_rows // known.rows.num_rows
        + (0 if held is None else held.size_bytes),
        tables=(rest,) if held is None else (rest, *held.tables),
        rows=rest.num_rows + (0 if held is None else held.rows),
    )
    return replace(known, next_offset=before, rows=rest.slice(0, 0)), left
