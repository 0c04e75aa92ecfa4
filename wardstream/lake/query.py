"""A SQL question to the lake, answered as a stream."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TextIO

import duckdb
import pyarrow as pa

from wardstream.lake import source
from wardstream.lake.objects import Stored
from wardstream.lake.output import Format, write
from wardstream.lake.reader import Tally
from wardstream.lake.settings import LakeSettings
from wardstream.lake.view import SHARED_SQL, Shared, create_views
from wardstream.runtime.failure import CannotRun

_BATCH_ROWS = 5000


class Asked(NamedTuple):
    """What is known before the first row: the lake's files, those too cold to be asked, and what is read as it is read."""

    files: list[Stored]
    cold: list[Stored]
    tally: Tally


def query(
    sql: str,
    settings: LakeSettings,
    out: TextIO,
    form: Format = "table",
    told: Callable[[Asked], object] = lambda _: None,
) -> int:
    """Writes the answer of `sql` to `out` and returns how many rows it has; `told` hears what is asked before that.

    `sql` sees the views `iot_data`, `anomalies` and `alarms` (each once) and the table `readings` (the files as they are), but for
    what is in cold storage. Rows are written as they come: memory doesn't grow with the answer or the lake, beyond
    `query_memory_mb` the disk is used. `CannotRun` says in one line what is wrong with the question, the bucket or S3.
    """
    with one_line_faults(), opened(sql, settings, told) as answer:
        return write(answer, out, form)


@contextmanager
def answered(sql: str, settings: LakeSettings) -> Iterator[pa.RecordBatchReader]:
    """The answer as a reader of Arrow batches, open as long as the block."""
    with opened(sql, settings, lambda _: None) as answer:
        yield answer


@contextmanager
def opened(
    sql: str, settings: LakeSettings, told: Callable[[Asked], object]
) -> Iterator[pa.RecordBatchReader]:
    """`answered`, where `told` hears what is asked before the first row."""
    lake = source.tables(settings)
    with tempfile.TemporaryDirectory(prefix="wardstream-query-") as scratch, duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET memory_limit = '{settings.query_memory_mb}MB'")
        connection.execute("SET temp_directory = $scratch", {"scratch": scratch})
        # An answer without ORDER BY has no order; keeping the files' would keep much in memory.
        connection.execute("SET preserve_insertion_order = false")
        for name, dataset in lake.datasets.items():
            connection.register(name, dataset)
        found = connection.execute(SHARED_SQL).fetchall()
        for view in create_views(Shared([user for user, _ in found], [day for _, day in found])):
            connection.execute(view)
        # `sql()` streams where `execute()` first collects the whole answer.
        relation = connection.sql(sql)
        if relation is None:
            raise CannotRun("that is no question: give a SELECT")
        told(Asked(lake.files, lake.cold, lake.tally))
        yield _counted(relation.to_arrow_reader(_BATCH_ROWS), lake.tally)


def _counted(answer: pa.RecordBatchReader, tally: Tally) -> pa.RecordBatchReader:
    def batches() -> Iterator[pa.RecordBatch]:
        for batch in answer:
            tally.rows += batch.num_rows
            yield batch

    return pa.RecordBatchReader.from_batches(answer.schema, batches())


@contextmanager
def one_line_faults() -> Iterator[None]:
    """What goes wrong with a question as `CannotRun` in one line."""
    try:
        yield
    except BrokenPipeError:
        # Whoever reads us (`head`) has enough: no fault, and the command line knows how to end on it.
        raise
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise CannotRun(str(error).strip().partition("\n")[0]) from error
