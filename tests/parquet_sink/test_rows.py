"""Records become rows and nothing changes on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parquet_sink import rows
from parquet_sink.rows import Record
from tests.parquet_sink.arbitrary import LAST_US, readings
from wardstream.contracts import wire
from wardstream.contracts.reading import Reading
from wardstream.contracts.tables import LAKE_COLUMNS
from wardstream.contracts.units import epoch_us
from wardstream.lake.schema import LAKE_SCHEMA


def said(reading: Reading, partition: int, offset: int) -> dict[str, object]:
    """What a row must say of a reading; times as microseconds."""
    where: dict[str, object] = {"partition": partition, "offset": offset}
    times: dict[str, object] = {"measured_at": reading.measured_at_us, "received_at": reading.received_at_us}
    names = [name for name, _ in LAKE_COLUMNS if name not in where | times]
    row = {name: getattr(reading, name) for name in names} | where | times
    return row | {"artefacts": list(reading.artefacts)}


def plain(row: dict[str, object]) -> dict[str, object]:
    """A row with its times as microseconds."""
    times = {name: epoch_us(row[name]) for name in ("measured_at", "received_at")}  # type: ignore[arg-type]  # datetimes
    return row | times


@given(st.lists(readings, max_size=8), st.integers(0, 7))
def test_a_row_says_what_the_reading_said_and_where_it_stood(
    said_readings: list[Reading], partition: int
) -> None:
    records = [Record(10 + n, wire.encode(reading)) for n, reading in enumerate(said_readings)]

    table, refused = rows.table(partition, records)

    assert table.schema.equals(LAKE_SCHEMA)
    assert refused == []
    assert [plain(row) for row in table.to_pylist()] == [
        said(reading, partition, 10 + n) for n, reading in enumerate(said_readings)
    ]


def test_the_schema_is_the_contract_s() -> None:
    assert LAKE_SCHEMA.names == [name for name, _ in LAKE_COLUMNS]
    assert str(LAKE_SCHEMA.field("measured_at").type) == "timestamp[us, tz=UTC]"
    assert str(LAKE_SCHEMA.field("artefacts").type) == "list<item: string>"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "json"),
        (b"garbage", "json"),
        (b"\xff\xfe", "json"),
        (b"[]", "format"),
        (b'{"v":1}', "format"),
        (b'{"v":2,"reading_id":"r"}', "version"),
        (b"[" * 100_000, "format"),
    ],
)
def test_a_record_that_is_no_reading_is_refused_and_its_neighbours_stay(value: bytes, reason: str) -> None:
    good = wire.encode(reading_at(0))

    table, refused = rows.table(3, [Record(1, good), Record(2, value), Record(3, good)])

    assert table["offset"].to_pylist() == [1, 3]
    assert [(one.record.offset, one.fault.reason) for one in refused] == [(2, reason)]


def test_an_instant_that_no_folder_can_be_named_for_is_refused() -> None:
    last, beyond = wire.encode(reading_at(LAST_US)), wire.encode(reading_at(LAST_US + 1))

    table, refused = rows.table(0, [Record(0, last), Record(1, beyond)])

    assert table["offset"].to_pylist() == [0]
    assert [one.fault.reason for one in refused] == ["timestamp"]


def reading_at(measured_at_us: int) -> Reading:
    return Reading(
        reading_id="r", device_id="d", user_id="u", measured_at_us=measured_at_us, received_at_us=0
    )
