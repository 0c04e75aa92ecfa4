"""Stored readings, person by person: a Parquet file, a folder of them, or the lake in S3."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from wardstream.backtest.columns import Unusable, select
from wardstream.lake.arrow import filesystem
from wardstream.runtime.aws import AwsSettings
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.settings import load

_BATCH_ROWS = 100_000


def people(place: str) -> Iterator[tuple[str, pa.Table]]:
    """(user_id, their readings in order) for everybody in `place` (a path or s3://bucket/prefix), in the order of ids.

    DuckDB sorts, on disk if need be; one person's readings are held at a time. `CannotRun` says what is wrong with `place`.
    """
    with _one_line_faults(place):
        source = _opened(place)
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.register("source", source)
            reader = connection.sql(select(source.schema.names)).to_arrow_reader(_BATCH_ROWS)
            yield from _by_person(reader)


def _opened(place: str) -> ds.Dataset:
    parts = urlsplit(place)
    if parts.scheme == "s3":
        root = f"{parts.netloc}{parts.path}".rstrip("/")
        return ds.dataset(root, filesystem=filesystem(load(AwsSettings)), format="parquet")
    if not Path(place).exists():
        raise CannotRun(f"{place}: no such file")
    return ds.dataset(place, format="parquet")


def _by_person(batches: pa.RecordBatchReader) -> Iterator[tuple[str, pa.Table]]:
    user_id: str | None = None
    held: list[pa.RecordBatch] = []
    for batch in batches:
        for user, part in _runs(batch):
            if user != user_id and user_id is not None:
                yield user_id, pa.Table.from_batches(held)
                held = []
            user_id = user
            held.append(part)
    if user_id is not None:
        yield user_id, pa.Table.from_batches(held)


def _runs(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batch cut where the person changes."""
    ends = pc.run_end_encode(batch.column("user_id"))
    start = 0
    for user, end in zip(ends.values.to_pylist(), ends.run_ends.to_pylist(), strict=True):
        yield user, batch.slice(start, end - start)
        start = end


@contextmanager
def _one_line_faults(place: str) -> Iterator[None]:
    try:
        yield
    except Unusable as error:
        raise CannotRun(f"{place} {error}") from error
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise CannotRun(f"{place}: {str(error).strip().partition(chr(10))[0]}") from error
