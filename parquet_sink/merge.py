"""Many files of a date, sorted by user, into few: sorted runs on the local disk, then one pass through all of them.

In memory are `_RUN_ROWS` rows while runs are made, then a stretch of every run and one file of output; besides, whatever one person said that
date. The disk takes what the runs need, about twice the files' size.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from parquet_sink import files
from parquet_sink.doubles import Doubles, first_of_each
from wardstream.contracts.tables import LakeTable
from wardstream.lake.schema import SCHEMAS

_RUN_ROWS = 750_000
_STRETCH_ROWS = 8192
# Some 25 MB: large enough for Athena, small enough to hold in memory whole.
FILE_ROWS = 1_000_000
_BATCHES = pa.ipc.IpcWriteOptions(compression="lz4")


def merged(
    table: LakeTable, bodies: Iterable[bytes], scratch: Path, turn: Callable[[], None] = lambda: None
) -> Iterator[pa.Table]:
    """The rows of all these Parquet files in the table's order, each identity once (as it first came), as tables of at most `FILE_ROWS`.

    Each body is read once, in turn. `turn` is called now and then.
    """
    doubles = Doubles(table)
    runs = [_kept(run, scratch / f"{n}.arrow") for n, run in enumerate(_runs(table, bodies, doubles))]
    doubles.settle(_batches(runs))
    with ExitStack() as opened:
        streams = [_Stream(opened.enter_context(pa.OSFile(str(run)))) for run in runs]
        people = (first_of_each(table, files.in_order(table, rows)) for rows in _by_people(streams, turn))
        yield from _filled(doubles.without(rows) for rows in people)


def _runs(table: LakeTable, bodies: Iterable[bytes], doubles: Doubles) -> Iterator[pa.Table]:
    """Sorted runs of about `_RUN_ROWS`."""
    held: list[pa.Table] = []
    count = 0
    for rows in _row_groups(table, bodies):
        doubles.see(rows)
        held.append(rows)
        count += rows.num_rows
        if count >= _RUN_ROWS:
            run = _sorted(table, held)
            # Not both while the run is written.
            held, count = [], 0
            yield run
    if held:
        yield _sorted(table, held)


def _row_groups(table: LakeTable, bodies: Iterable[bytes]) -> Iterator[pa.Table]:
    schema = SCHEMAS[table.folder]
    for body in bodies:
        file = pq.ParquetFile(pa.BufferReader(body))
        for batch in file.iter_batches(_RUN_ROWS // 4, use_threads=False):
            # A file of an older version may lack columns.
            yield pa.Table.from_batches([batch]).select(
                [name for name in schema.names if name in batch.schema.names]
            )


def _sorted(table: LakeTable, held: list[pa.Table]) -> pa.Table:
    rows = pa.concat_tables([SCHEMAS[table.folder].empty_table(), *held], promote_options="default")
    return first_of_each(table, files.in_order(table, rows))


def _kept(run: pa.Table, path: Path) -> Path:
    with pa.OSFile(str(path), "wb") as out, pa.ipc.new_file(out, run.schema, options=_BATCHES) as writer:
        writer.write_table(run, max_chunksize=_STRETCH_ROWS)
    return path


def _batches(runs: list[Path]) -> Iterator[pa.Table]:
    for run in runs:
        with pa.OSFile(str(run)) as source:
            reader = pa.ipc.open_file(source)
            for number in range(reader.num_record_batches):
                yield pa.Table.from_batches([reader.get_batch(number)])


class _Stream:
    """A run, read from the front."""

    def __init__(self, source: pa.NativeFile) -> None:
        self._reader = pa.ipc.open_file(source)
        self._next = 0
        self.rows = self._reader.schema.empty_table()
        self.more()

    @property
    def is_read(self) -> bool:
        return bool(self._next == self._reader.num_record_batches)

    @property
    def last_user(self) -> str:
        return str(self.rows["user_id"][-1].as_py())

    def more(self) -> None:
        """Holds the next stretch as well."""
        if not self.is_read:
            batch = pa.Table.from_batches([self._reader.get_batch(self._next)])
            self.rows = pa.concat_tables([self.rows, batch])
            self._next += 1

    def before(self, user: str | None) -> pa.Table:
        """Takes the rows of the people who come before `user`; of all, without one."""
        count = (
            self.rows.num_rows
            if user is None
            else int(pc.sum(pc.less(self.rows["user_id"], user)).as_py() or 0)
        )
        taken, self.rows = self.rows.slice(0, count), self.rows.slice(count)
        return taken


def _by_people(streams: list[_Stream], turn: Callable[[], None]) -> Iterator[pa.Table]:
    """The rows of one stretch of people after the other, each person's whole."""
    while True:
        turn()
        unread = [stream for stream in streams if not stream.is_read]
        # Of whoever stands last in an unread stretch, more may come.
        until = min((stream.last_user for stream in unread), default=None)
        rows = pa.concat_tables([stream.before(until) for stream in streams])
        if rows.num_rows:
            yield rows
        if until is None:
            return
        for stream in unread:
            if not stream.rows.num_rows or stream.last_user == until:
                stream.more()


def _filled(parts: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The parts as tables of `FILE_ROWS`, the last one shorter."""
    held: list[pa.Table] = []
    count = 0
    for part in parts:
        held.append(part)
        count += part.num_rows
        if count >= FILE_ROWS:
            whole = pa.concat_tables(held).combine_chunks()
            for start in range(0, count - count % FILE_ROWS, FILE_ROWS):
                yield whole.slice(start, FILE_ROWS)
            held, count = [whole.slice(count - count % FILE_ROWS)], count % FILE_ROWS
    if count:
        yield pa.concat_tables(held).combine_chunks()
