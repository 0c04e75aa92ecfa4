"""A SQL question to the lake, answered as a stream."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import duckdb
import pyarrow as pa

from wardstream.lake import source
from wardstream.lake.output import Format, write
from wardstream.lake.settings import LakeSettings
from wardstream.lake.view import SHARED_SQL, Shared, create_views
from wardstream.runtime.failure import CannotRun

_BATCH_ROWS = 1000


def query(sql: str, settings: LakeSettings, out: TextIO, form: Format = "table") -> int:
    """Writes the answer of `sql` to `out` and returns how many rows it has.

    `sql` sees the views `iot_data`, `anomalies` and `alarms` (each once) and the table `readings` (the files as they are). Rows are
    written as they come: memory doesn't grow with the answer. `CannotRun` says in one line what is wrong with the
    question, the bucket or S3.
    """
    with _one_line_faults(), answered(sql, settings) as answer:
        return write(answer, out, form)


@contextmanager
def answered(sql: str, settings: LakeSettings) -> Iterator[pa.RecordBatchReader]:
    """The answer as a reader of Arrow batches, open as long as the block."""
    lake = source.tables(settings)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, dataset in lake.items():
            connection.register(name, dataset)
        found = connection.execute(SHARED_SQL).fetchall()
        for view in create_views(Shared([user for user, _ in found], [day for _, day in found])):
            connection.execute(view)
        # `sql()` streams where `execute()` first collects the whole answer.
        relation = connection.sql(sql)
        if relation is None:
            raise CannotRun("that is no question: give a SELECT")
        yield relation.to_arrow_reader(_BATCH_ROWS)


@contextmanager
def _one_line_faults() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        # Whoever reads us (`head`) has enough: no fault, and the command line knows how to end on it.
        raise
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise CannotRun(str(error).strip().partition("\n")[0]) from error
