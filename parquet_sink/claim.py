"""The rule that keeps each (partition, offset) in the files exactly once, whoever writes and whenever they die.

A cut is claimed by creating, on the condition that it isn't there, the object named by its partition and first row.
Its metadata say where the cut ends. Whoever finds it there takes over that end, completes the cut's other dates (their
content follows from the run alone) and goes on behind it. Offsets are committed only after the whole cut is there,
so every owner begins at the end of a cut: owners at once, late owners and crashes continue one chain.

Merging removes claims. Before it does, it marks up to where a partition is in the lake as a whole, and nobody claims or completes
anything before that mark.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from parquet_sink import files, layout
from parquet_sink.cut import Cut
from parquet_sink.layout import Source
from parquet_sink.wearers import Wearers
from wardstream.contracts.tables import LAKE_READINGS, WEARERS_TABLE, LakeTable
from wardstream.runtime.metrics import SINK_BYTES, SINK_FILES, SINK_ROWS

# `store.Store.put_new`, or another that keeps its promise.
PutNew = Callable[[str, bytes, Mapping[str, str]], Mapping[str, str] | None]
# The offset before which every row of a partition is in the lake, as known at most `whole.STALE_S` ago.
WholeBefore = Callable[[Source], int]


@dataclass(frozen=True)
class Lake:
    """Where cuts land: the table of each topic, and what S3 is asked for."""

    tables: Mapping[str, LakeTable]
    put_new: PutNew
    whole_before: WholeBefore
    wearers: Wearers = field(default_factory=Wearers)


@dataclass(frozen=True, slots=True)
class Landed:
    """Every object of the cut is in the lake."""

    cut: Cut


@dataclass(frozen=True, slots=True)
class Taken:
    """The run from the cut's first row was claimed before, and ends at `last`. Nothing of the cut was written."""

    cut: Cut
    last: int


@dataclass(frozen=True, slots=True)
class Known:
    """Everything before the offset `before`, which lies behind the cut's first row, is in the lake."""

    cut: Cut
    before: int


Outcome = Landed | Taken | Known


def land(cut: Cut, lake: Lake) -> Outcome:
    """Brings a cut with rows into the lake, its claim first; whatever `put_new` raises leaves it unfinished, never wrong."""
    claim, *others = files.by_date(cut.rows)
    if not cut.is_claimed:
        if (known := _known(cut, lake)) is not None:
            return known
        _say_wearers(cut, lake, [claim, *others])
        there = _write(cut, claim, lake)
        # Our own claim, if only its answer got lost or this process died after it: the same end, so the same cut.
        if there is not None and int(there[layout.LAST]) != cut.last:
            return Taken(cut, int(there[layout.LAST]))
    for other in others:
        if (known := _known(cut, lake)) is not None:
            return known
        # What is there already has the same rows: it belongs to this very cut.
        _write(cut, other, lake)
    return Landed(cut)


def _known(cut: Cut, lake: Lake) -> Known | None:
    before = lake.whole_before(cut.source)
    return Known(cut, before) if before > cut.first else None


def _write(cut: Cut, dated: files.Dated, lake: Lake) -> Mapping[str, str] | None:
    day, rows = dated
    table = lake.tables[cut.source.topic]
    body = files.encoded(table, rows)
    key = layout.object_key(table.folder, cut.source, cut.first, day)
    there = lake.put_new(key, body, {layout.LAST: str(cut.last)})
    if there is None:
        SINK_FILES.labels(table.folder).inc()
        SINK_BYTES.labels(table.folder).inc(len(body))
        SINK_ROWS.labels(table.folder).inc(rows.num_rows)
    return there


def _say_wearers(cut: Cut, lake: Lake, dates: list[files.Dated]) -> None:
    if lake.tables[cut.source.topic].folder != LAKE_READINGS:
        return
    for day, rows in dates:
        unsaid = lake.wearers.unsaid(day, rows)
        if unsaid.num_rows:
            body = files.encoded(WEARERS_TABLE, unsaid)
            lake.put_new(layout.content_key(WEARERS_TABLE.folder, day, body), body, {})
            lake.wearers.said(day, unsaid)
