"""A Parquet file without one person's rows: every other row as it was, in its order, written as the file was."""

from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

WHOSE = "user_id"


def count(file: pq.ParquetFile, user_id: str) -> int:
    """How many rows are this person's. Reads the column only of row groups whose statistics allow for them."""
    rows = 0
    for number in range(file.num_row_groups):
        if _may_hold(file.metadata.row_group(number), user_id):
            whose = file.read_row_group(number, columns=[WHOSE])[WHOSE]
            rows += int(pc.sum(pc.equal(whose, user_id)).as_py() or 0)
    return rows


def _may_hold(group: Any, user_id: str) -> bool:
    column = _column(group, WHOSE)
    known = column.statistics
    if known is None or not known.has_min_max:
        return True
    return bool(known.min <= user_id <= known.max)


def without(file: pq.ParquetFile, user_id: str, out: Path) -> None:
    """Writes the file anew without this person, row group by row group: no more than one is in memory."""
    with pq.ParquetWriter(out, file.schema_arrow, **_settings(file)) as writer:
        for number in range(file.num_row_groups):
            rows = file.read_row_group(number)
            is_theirs = pc.fill_null(pc.equal(rows[WHOSE], user_id), fill_value=False)
            kept = rows.filter(pc.invert(is_theirs))
            if kept.num_rows:
                writer.write_table(kept, row_group_size=kept.num_rows)


class _Column(NamedTuple):
    """How a column was written."""

    path: str
    has_dictionary: bool
    has_statistics: bool
    is_delta: bool
    compression: str


def _settings(file: pq.ParquetFile) -> dict[str, Any]:
    """How pyarrow is to write what `file` holds, by the first of its row groups."""
    metadata = file.metadata
    if metadata.num_row_groups == 0:
        return {}
    group = metadata.row_group(0)
    columns = [_described(group.column(number)) for number in range(group.num_columns)]
    return {
        "compression": columns[0].compression.lower(),
        "use_dictionary": [one.path for one in columns if one.has_dictionary],
        "write_statistics": [one.path for one in columns if one.has_statistics],
        "column_encoding": {one.path: "DELTA_BINARY_PACKED" for one in columns if one.is_delta} or None,
        "sorting_columns": group.sorting_columns or None,
        "write_page_index": bool(group.column(0).has_offset_index),
    }


def _described(column: Any) -> _Column:
    return _Column(
        path=column.path_in_schema,
        has_dictionary=column.has_dictionary_page,
        has_statistics=column.is_stats_set,
        is_delta="DELTA_BINARY_PACKED" in column.encodings,
        compression=column.compression,
    )


def _column(group: Any, name: str) -> Any:
    return next(
        column
        for number in range(group.num_columns)
        if (column := group.column(number)).path_in_schema == name
    )


def opened(source: Any) -> pq.ParquetFile:
    """A Parquet file from something readable; `pa.ArrowInvalid` if it isn't one."""
    return pq.ParquetFile(pa.PythonFile(source, mode="r"))
