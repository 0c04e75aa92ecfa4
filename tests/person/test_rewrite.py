"""A file without one person: everybody else's rows, and the way the file is written, stay."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from parquet_sink import files
from tests.lake.rows import row, table
from wardstream.contracts.tables import READINGS_TABLE
from wardstream.person.rewrite import count, opened, without


def people(names: list[str]) -> pa.Table:
    return table([row(f"r{n}", n, user_id=name, heart_rate_bpm=60.0 + n) for n, name in enumerate(names)])


def file_of(rows: pa.Table) -> pq.ParquetFile:
    return opened(io.BytesIO(files.encoded(READINGS_TABLE, rows)))


def rewritten(before: pq.ParquetFile, name: str, folder: Path) -> pq.ParquetFile:
    out = folder / "without.parquet"
    without(before, name, out)
    return pq.ParquetFile(out)


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["ann", "bob", "eve"]), max_size=40))
def test_only_the_persons_rows_are_gone(tmp_path_factory: object, names: list[str]) -> None:
    folder = tmp_path_factory.mktemp("rewrite")  # type: ignore[attr-defined]  # pytest's
    before = file_of(people(names))

    after = rewritten(before, "bob", folder)

    assert count(before, "bob") == names.count("bob")
    assert count(after, "bob") == 0
    rows = before.read().to_pylist()
    assert after.read().to_pylist() == [one for one in rows if one["user_id"] != "bob"]


def test_the_file_is_written_as_it_was(tmp_path: Path) -> None:
    before = file_of(people([name for name in ("ann", "bob", "eve") for _ in range(3000)]))

    after = rewritten(before, "bob", tmp_path)

    assert after.schema_arrow.equals(before.schema_arrow, check_metadata=True)
    then, now = before.metadata.row_group(0), after.metadata.row_group(0)
    assert now.sorting_columns == then.sorting_columns
    for number in range(then.num_columns):
        was, is_ = then.column(number), now.column(number)
        assert (is_.compression, is_.encodings, is_.is_stats_set, is_.has_offset_index) == (
            was.compression,
            was.encodings,
            was.is_stats_set,
            was.has_offset_index,
        )


def test_a_row_that_is_nobodys_stays(tmp_path: Path) -> None:
    rows = people(["ann", "bob"])
    nobody = rows.set_column(2, rows.schema.field(2), pa.array([None, "bob"], pa.string()))

    after = rewritten(file_of(nobody), "bob", tmp_path)

    assert after.read()["user_id"].to_pylist() == [None]


def test_a_file_of_the_person_alone_stays_as_an_empty_one(tmp_path: Path) -> None:
    before = file_of(people(["bob"] * 5))

    after = rewritten(before, "bob", tmp_path)

    assert after.metadata.num_rows == 0
    assert after.schema_arrow == before.schema_arrow
    assert count(after, "bob") == 0
