"""Merges a date's small files, so that nobody who asks sees a gap or a double meanwhile, whoever dies and whoever else merges.

1. The merged files are written beside what they are made of: the views show each reading once, however often it is there.
2. When all are there, and nothing they were made of has changed, it is published in an object of its own what replaces what.
3. After a grace, in which questions that have listed the old files end, the old files are removed, then what was published.

Killed before 2, what was written are files like any other, which the next merge takes. Killed later, the next pass goes on at 3.
"""

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

import msgspec

from parquet_sink import files, layout
from parquet_sink.merge import merged
from parquet_sink.plan import Merge, Published, plan
from parquet_sink.store import Found
from wardstream.contracts.tables import LakeTable
from wardstream.runtime.logs import logger
from wardstream.runtime.metrics import (
    COMPACT_MERGED,
    COMPACT_REMOVED,
    COMPACT_ROWS,
    COMPACT_WITHDRAWN,
)

_decoder = msgspec.json.Decoder(Published)


class Objects(Protocol):
    """What a compactor needs of the bucket: `store.Store`, or another that keeps its promises."""

    def put_new(self, key: str, body: bytes, metadata: Mapping[str, str]) -> Mapping[str, str] | None: ...
    def found(self, prefix: str) -> Iterator[Found]: ...
    def keys(self, prefix: str) -> list[str]: ...
    def read(self, key: str) -> bytes | None: ...
    def is_there(self, key: str) -> bool: ...
    def remove(self, keys: Sequence[str]) -> None: ...


class Stopped(Exception):  # noqa: N818 -- a sentence: "raise Stopped"
    """Asked to leave in the middle of a merge."""


class Rewritten(Exception):  # noqa: N818 -- a sentence: "raise Rewritten"
    """A file was rewritten or removed while it was merged."""


class Compactor:
    """One pass after the other over a table. Raises `Busy` and `CannotRun` as `Store` does; a pass may be repeated at any time."""

    def __init__(
        self,
        store: Objects,
        grace_s: float,
        scratch: Path | None = None,
        turn: Callable[[], None] = lambda: None,
    ) -> None:
        """`turn` is called every second or so of work, and may raise `Stopped`."""
        self._scratch = scratch
        self._store = store
        self._grace_s = grace_s
        self._turn = turn

    def run(self, table: LakeTable, only: date | None = None) -> None:
        """Merges what is worth it, date by date; of one date, if it is given, everything. Then removes what is due."""
        listed = list(self._store.found(f"{table.folder}/"))
        whole = self._whole([one.key for one in listed])
        pending = [published for _, published in self._published(table)]
        for day, found in sorted(_by_day(listed).items()):
            if only in (None, day):
                merge = plan(table, day, found, whole, pending, everything=only is not None)
                if merge is not None:
                    self._merge(merge, whole)
        self.finish(table)

    def finish(self, table: LakeTable) -> None:
        """Removes what published merges have replaced, once the grace is over."""
        for told, published in list(self._published(table)):
            if (datetime.now(UTC) - told.written_at).total_seconds() < self._grace_s:
                continue
            # Whatever went wrong: what isn't in another file stays.
            if self._are_there(published.outputs):
                self._store.remove(published.sources)
                COMPACT_REMOVED.inc(len(published.sources))
            self._store.remove([told.key])

    def _whole(self, keys: list[str]) -> dict[str, int]:
        """Up to where each partition is in the lake, by its newest claim or by what was marked when claims were removed."""
        whole = layout.whole_before(self._store.keys(layout.WHOLE))
        for source, before in layout.newest_claims(keys).items():
            whole[source] = max(before, whole.get(source, 0))
        return whole

    def _published(self, table: LakeTable) -> Iterator[tuple[Found, Published]]:
        for one in self._store.found(f"{layout.MERGES}{table.folder}/"):
            body = self._store.read(one.key)
            if body is not None:
                yield one, _decoder.decode(body)

    def _merge(self, merge: Merge, whole: dict[str, int]) -> None:
        began_s = time.monotonic()
        outputs: list[str] = []
        try:
            self._write(merge, outputs)
            self._unchanged(merge)
        except Rewritten:
            self._withdraw(merge, outputs)
            return
        except Stopped:
            self._withdraw(merge, outputs)
            raise
        self._mark(merge, whole)
        told = Published(sources=tuple(one.key for one in merge.sources), outputs=tuple(outputs))
        self._store.put_new(
            layout.plan_key(merge.table.folder, merge.day, merge.name), msgspec.json.encode(told), {}
        )
        COMPACT_MERGED.labels(merge.table.folder).inc(len(merge.sources))
        logger().info(
            "merged",
            table=merge.table.folder,
            date=merge.day.isoformat(),
            files=len(merge.sources),
            into=len(outputs),
            seconds=round(time.monotonic() - began_s, 1),
        )

    def _write(self, merge: Merge, outputs: list[str]) -> None:
        with tempfile.TemporaryDirectory(prefix="merge-", dir=self._scratch) as scratch:
            for number, rows in enumerate(
                merged(merge.table, self._bodies(merge), Path(scratch), self._turn)
            ):
                self._turn()
                key = layout.merged_key(merge.table.folder, merge.day, merge.name, number)
                self._store.put_new(key, files.written(merge.table, rows), {})
                outputs.append(key)
                COMPACT_ROWS.labels(merge.table.folder).inc(rows.num_rows)

    def _bodies(self, merge: Merge) -> Iterator[bytes]:
        for one in merge.sources:
            body = self._store.read(one.key)
            if body is None:
                raise Rewritten
            yield body
            self._turn()

    def _unchanged(self, merge: Merge) -> None:
        """A person may have been erased from a file after we had read it."""
        folder = layout.folder(merge.table.folder, merge.day)
        now = {one.key: one.etag for one in self._store.found(folder)}
        if any(now.get(one.key) != one.etag for one in merge.sources):
            raise Rewritten

    def _withdraw(self, merge: Merge, outputs: list[str]) -> None:
        """Removes what was written, unless another compactor has published the very same merge."""
        COMPACT_WITHDRAWN.inc()
        logger().warning("merge_withdrawn", table=merge.table.folder, date=merge.day.isoformat())
        if self._store.read(layout.plan_key(merge.table.folder, merge.day, merge.name)) is None:
            self._store.remove(outputs)

    def _mark(self, merge: Merge, whole: dict[str, int]) -> None:
        """Says of every partition whose claims are going to be removed up to where it is in the lake."""
        claims = filter(None, (layout.claim_of(one.key) for one in merge.sources))
        for source in {claim.source for claim in claims}:
            mark = layout.whole_key(source, whole[source])
            if self._store.put_new(mark, b"", {}) is None:
                older = [key for key in self._store.keys(f"{layout.WHOLE}{source}/") if key < mark]
                self._store.remove(older)

    def _are_there(self, keys: tuple[str, ...]) -> bool:
        return all(self._store.is_there(key) for key in keys)


def _by_day(listed: list[Found]) -> dict[date, list[Found]]:
    found: defaultdict[date, list[Found]] = defaultdict(list)
    for one in listed:
        day = layout.day_of(one.key)
        if day is not None:
            found[day].append(one)
    return found
