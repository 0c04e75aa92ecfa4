"""A cut's files."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given

from parquet_sink import files, rows
from parquet_sink.rows import Record
from tests.parquet_sink.arbitrary import logs
from tests.parquet_sink.test_rows import reading_at
from wardstream.contracts import wire
from wardstream.contracts.tables import READINGS_TABLE
from wardstream.contracts.units import epoch_us
from wardstream.lake.schema import LAKE_SCHEMA


def read(body: bytes) -> pa.Table:
    return pq.ParquetFile(pa.BufferReader(body)).read()


@given(logs())
def test_every_row_is_in_the_file_of_its_measured_date_and_in_no_other(log: list[Record]) -> None:
    table, _ = rows.table(0, log)

    dated = files.by_date(table)

    assert len({day for day, _ in dated}) == len(dated)
    assert all(row["measured_at"].date() == day for day, part in dated for row in part.to_pylist())
    found = sorted(offset for _, part in dated for offset in part["offset"].to_pylist())
    assert found == table["offset"].to_pylist()


@given(logs())
def test_the_first_row_s_date_comes_first(log: list[Record]) -> None:
    table, _ = rows.table(0, log)

    dated = files.by_date(table)

    if table.num_rows:
        assert dated[0][0] == table["measured_at"][0].as_py().date()


@given(logs())
def test_a_file_holds_its_rows_by_user_and_time_under_the_lake_s_schema(log: list[Record]) -> None:
    table, _ = rows.table(0, log)

    there = read(files.encoded(READINGS_TABLE, table))

    assert there.schema.equals(LAKE_SCHEMA)
    order = [
        (row["user_id"], row["measured_at"], row["partition"], row["offset"]) for row in there.to_pylist()
    ]
    assert order == sorted(order)
    assert sorted(there["offset"].to_pylist()) == table["offset"].to_pylist()


@given(logs())
def test_the_same_rows_give_the_same_bytes(log: list[Record]) -> None:
    once, again = (rows.table(0, log)[0] for _ in range(2))

    assert files.encoded(READINGS_TABLE, once) == files.encoded(READINGS_TABLE, again)


def test_the_last_microsecond_of_a_day_is_that_day_s_and_compressed_with_zstd() -> None:
    midnight = epoch_us(datetime(2025, 11, 9, tzinfo=UTC))
    log = [Record(n, wire.encode(reading_at(midnight - 1 + n))) for n in range(2)]

    dated = files.by_date(rows.table(0, log)[0])

    assert [day for day, _ in dated] == [date(2025, 11, 8), date(2025, 11, 9)]
    body = pq.ParquetFile(pa.BufferReader(files.encoded(READINGS_TABLE, dated[0][1])))
    assert body.metadata.row_group(0).column(0).compression == "ZSTD"
