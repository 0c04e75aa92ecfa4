"""The rule that keeps each (partition, offset) in the files exactly once, whoever writes and whenever they die.

A cut is claimed by creating, on the condition that it isn't there, the object named by its partition and first row.
Its metadata say where the cut ends. Whoever finds it there takes over that end, completes the cut's other dates (their
content follows from the run alone) and goes on behind it. Offsets are committed only after the whole cut is there,
so every owner begins at the end of a cut: owners at once, late owners and crashes continue one chain.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from parquet_sink import files, layout
from parquet_sink.cut import Cut
from wardstream.runtime.metrics import SINK_BYTES, SINK_FILES, SINK_ROWS

# `store.Store.put_new`, or another that keeps its promise.
PutNew = Callable[[str, bytes, Mapping[str, str]], Mapping[str, str] | None]


@dataclass(frozen=True, slots=True)
class Landed:
    """Every object of the cut is in the lake."""

    cut: Cut


@dataclass(frozen=True, slots=True)
class Taken:
    """The run from the cut's first row was claimed before, and ends at `last`. Nothing of the cut was written."""

    cut: Cut
    last: int


def land(topic: str, cut: Cut, put_new: PutNew) -> Landed | Taken:
    """Brings a cut with rows into the lake, its claim first; whatever `put_new` raises leaves it unfinished, never wrong."""
    claim, *others = files.by_date(cut.rows)
    if not cut.is_claimed:
        there = _write(topic, cut, claim, put_new)
        # Our own claim, if only its answer got lost or this process died after it: the same end, so the same cut.
        if there is not None and int(there[layout.LAST]) != cut.last:
            return Taken(cut, int(there[layout.LAST]))
    for other in others:
        # What is there already has the same rows: it belongs to this very cut.
        _write(topic, cut, other, put_new)
    return Landed(cut)


def _write(topic: str, cut: Cut, dated: files.Dated, put_new: PutNew) -> Mapping[str, str] | None:
    day, rows = dated
    body = files.encoded(rows)
    key = layout.object_key(topic, cut.partition, cut.first, day)
    there = put_new(key, body, {layout.LAST: str(cut.last)})
    if there is None:
        SINK_FILES.inc()
        SINK_BYTES.inc(len(body))
        SINK_ROWS.inc(rows.num_rows)
    return there
