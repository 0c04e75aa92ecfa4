"""A cut's rows as Parquet files, one per measured date. Pure."""

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# Sorted by user, a person's rows lie side by side; small row groups let a question for one person skip the others.
# Measured over 40 files of 20,000 rows, one person's day: one group a file reads 9 % of the lake's bytes, 8192 rows
# 4.4 %, 2048 rows 1.9 %, and the files stay as large as before.
_ORDER = [("user_id", "ascending"), ("measured_at", "ascending"), ("offset", "ascending")]
_ROW_GROUP_ROWS = 4096

Dated = tuple[date, pa.Table]


def by_date(rows: pa.Table) -> list[Dated]:
    """The rows of each measured date (UTC), that of the first row first: its file is the cut's claim."""
    # A date that appears later in the cut comes later here: the order follows from the rows alone.
    days = rows["measured_at"].cast(pa.date32())
    found = pc.unique(days)
    if len(found) == 1:
        return [(found[0].as_py(), rows)]
    return [(day.as_py(), rows.filter(pc.equal(days, day))) for day in found]


def encoded(rows: pa.Table) -> bytes:
    """The rows as zstd Parquet, sorted by user and time. The same rows give the same bytes."""
    out = pa.BufferOutputStream()
    pq.write_table(
        rows.sort_by(_ORDER),
        out,
        compression="zstd",
        row_group_size=_ROW_GROUP_ROWS,
        write_page_index=True,
        sorting_columns=pq.SortingColumn.from_ordering(rows.schema, _ORDER),
    )
    return bytes(out.getvalue())
