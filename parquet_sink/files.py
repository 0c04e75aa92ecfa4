"""A cut's rows as Parquet files, one per measured date. Pure."""

from datetime import date
from math import isqrt

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wardstream.contracts.tables import LakeTable

# What prunes. Statistics of all columns would double the footer, which every question reads.
_PRUNED_BY = ["user_id", "device_id", "measured_at"]
# Rising numbers as small differences: a quarter off the file, and faster to write than dictionaries that overflow.
_RISING = {"measured_at", "received_at", "raised_at", "sequence", "offset"}
# Each value once: a dictionary only costs.
_UNIQUE = {"reading_id", "anomaly_id"}
_FEWEST_ROWS, _MOST_ROWS = 1024, 8192

Dated = tuple[date, pa.Table]


def by_date(rows: pa.Table) -> list[Dated]:
    """The rows of each measured date (UTC), that of the first row first: its file is the cut's claim."""
    # A date that appears later in the cut comes later here: the order follows from the rows alone.
    days = rows["measured_at"].cast(pa.date32())
    found = pc.unique(days)
    if len(found) == 1:
        return [(found[0].as_py(), rows)]
    return [(day.as_py(), rows.filter(pc.equal(days, day))) for day in found]


def in_order(table: LakeTable, rows: pa.Table) -> pa.Table:
    """The rows as a file holds them: a person's side by side, by time."""
    return rows.sort_by([(name, "ascending") for name in table.order])


def encoded(table: LakeTable, rows: pa.Table) -> bytes:
    """The rows as zstd Parquet, sorted by user and time. The same rows give the same bytes."""
    return written(table, in_order(table, rows))


def written(table: LakeTable, ordered: pa.Table) -> bytes:
    """Rows in the table's order as zstd Parquet."""
    out = pa.BufferOutputStream()
    pq.write_table(
        ordered, out, row_group_size=row_group_rows(ordered.num_rows), **settings(table, ordered.schema)
    )
    return bytes(out.getvalue())


def settings(table: LakeTable, schema: pa.Schema) -> dict[str, object]:
    """How pyarrow is to write a file of this table."""
    rising = [name for name in schema.names if name in _RISING]
    # Nested columns are named by their leaves here.
    leaves = [
        f"{field.name}.list.element" if pa.types.is_list(field.type) else field.name
        for field in schema
        if field.name not in _UNIQUE | _RISING and not pa.types.is_boolean(field.type)
    ]
    return {
        "compression": "zstd",
        "write_page_index": True,
        "use_dictionary": leaves,
        "column_encoding": dict.fromkeys(rising, "DELTA_BINARY_PACKED"),
        "write_statistics": [name for name in _PRUNED_BY if name in schema.names],
        "sorting_columns": pq.SortingColumn.from_ordering(
            schema, [(name, "ascending") for name in table.order]
        ),
    }


def row_group_rows(rows: int) -> int:
    """Rows of a group in a file of so many.

    A question for one person reads the footer, which grows with the number of groups (a group's part is as large as some 64 rows), and
    one group. Their sum is least where they weigh the same.
    """
    return min(_MOST_ROWS, max(_FEWEST_ROWS, isqrt(64 * rows)))
