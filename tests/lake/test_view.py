"""What the view `iot_data` shows of the files."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from importlib import resources
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lake.rows import NOON, row, table
from wardstream.contracts.tables import LAKE_WEARERS
from wardstream.lake import athena
from wardstream.lake.schema import FOLDERS, LAKE_SCHEMA, SCHEMAS
from wardstream.lake.view import READINGS, SHARED_SQL, WEARERS, Shared, create_views

COLUMNS = [
    "device_id",
    "timestamp",
    "heart_rate",
    "blood_pressure",
    "temperature",
    "spo2",
    "respiratory_rate",
    "systolic",
    "diastolic",
    "steps_per_min",
    "battery_pct",
    "on_body",
    "gcs",
    "user_id",
    "reading_id",
    "received_at",
    "boot",
    "sequence",
    "date",
]


def shown(
    rows: list[dict[str, Any]],
    sql: str = "SELECT * FROM iot_data ORDER BY reading_id",
    *,
    looks_up: bool = True,
) -> list[dict[str, Any]]:
    files = table(rows)
    with opened(
        files.append_column("date", files["measured_at"].cast(pa.date32())), looks_up=looks_up
    ) as connection:
        found: list[dict[str, Any]] = connection.sql(sql).to_arrow_table().to_pylist()
    return found


@contextmanager
def opened(readings: pa.Table | ds.Dataset, *, looks_up: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register(READINGS, readings)
        connection.register(WEARERS, worn(readings))
        found = connection.execute(SHARED_SQL).fetchall() if looks_up else []
        shared = Shared([user for user, _ in found], [day for _, day in found]) if looks_up else None
        connection.execute(create_views(shared)[0])
        yield connection
        connection.unregister(READINGS)


def worn(readings: pa.Table | ds.Dataset) -> pa.Table:
    """What the sink says of wearers for these rows."""
    names = [*SCHEMAS[LAKE_WEARERS].names, *FOLDERS.names]
    rows: pa.Table = readings.to_table() if isinstance(readings, ds.Dataset) else readings
    return rows.select(names).group_by(names).aggregate([])


def test_the_view_has_the_promised_columns_with_plain_names() -> None:
    full = row(
        "r1",
        heart_rate_bpm=72.0,
        temperature_c=36.9,
        systolic_mmhg=120.0,
        diastolic_mmhg=80.5,
        spo2_pct=97.0,
        respiratory_rate_bpm=14.0,
        steps_per_min=0.0,
        battery_pct=88.0,
        on_body=True,
        gcs=15,
        boot=1,
        sequence=7,
    )

    (seen,) = shown([full])

    assert list(seen) == COLUMNS
    assert (seen["heart_rate"], seen["temperature"], seen["spo2"]) == (72.0, 36.9, 97.0)
    assert seen["blood_pressure"] == "120/80.5"
    assert seen["timestamp"] == NOON
    assert seen["date"] == date(2025, 11, 8)


def test_what_was_not_said_is_null_and_so_is_half_a_blood_pressure() -> None:
    (seen,) = shown([row("r1", systolic_mmhg=120.0)])

    assert seen["blood_pressure"] is None
    assert seen["systolic"] == 120.0
    assert seen["heart_rate"] is None


def test_an_artefact_is_in_the_files_and_not_in_the_view() -> None:
    rows = [row("r1", spo2_pct=103.0, artefacts=["spo2_pct"]), row("r2", 1, spo2_pct=97.0)]

    seen = shown(rows)

    assert [one["spo2"] for one in seen] == [None, 97.0]
    assert shown(rows, "SELECT max(spo2_pct) AS kept FROM readings") == [{"kept": 103.0}]


# DuckDB takes tens of milliseconds to open.
@given(
    st.lists(
        st.tuples(st.sampled_from("abcde"), st.integers(0, 3), st.integers(0, 99)), max_size=20, unique=True
    )
)
def test_each_reading_is_shown_once_as_it_first_came(places: list[tuple[str, int, int]]) -> None:
    rows = [row(name, at, partition=number, sequence=100 * number + at) for name, number, at in places]
    first = {name: min((n, at) for other, n, at in places if other == name) for name, _, _ in places}

    seen = shown(rows)

    assert {one["reading_id"]: one["sequence"] for one in seen} == {
        name: 100 * number + at for name, (number, at) in first.items()
    }
    assert len(seen) == len(first)


@pytest.mark.parametrize(
    ("where", "pushed"),
    [
        ("device_id = 'device_1'", "\"device_id\" = 'device_1'"),
        ("user_id = 'ann'", "\"user_id\" = 'ann'"),
        ("date = '2025-11-08'", "\"date\" = DATE '2025-11-08'"),
    ],
)
def test_a_question_for_one_device_user_or_date_reaches_the_files_as_such(where: str, pushed: str) -> None:
    sql = f"EXPLAIN SELECT timestamp, heart_rate FROM iot_data WHERE {where}"

    with opened(ds.dataset(pa.schema([*LAKE_SCHEMA, *FOLDERS]).empty_table())) as connection:
        plan = connection.sql(sql).to_arrow_table()["explain_value"][0].as_py()

    scan = plan[plan.index("Arrow Scan") :]
    assert pushed in scan
    assert "temperature_c" not in scan


def test_a_reading_said_again_after_its_device_was_given_to_somebody_else_stays_the_first_wearer_s() -> None:
    first = row("r1", 5, partition=7, heart_rate_bpm=60.0)
    again = row("r1", 1, user_id="bob", received_at=NOON + timedelta(minutes=9))
    own = row("r2", 2, user_id="bob", received_at=NOON + timedelta(minutes=10))

    seen = shown([again, first, own, first | {"offset": 6}])

    assert [(one["reading_id"], one["user_id"]) for one in seen] == [("r1", "ann"), ("r2", "bob")]


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.sampled_from(["ann", "bob", "o'cyd"]),
            st.integers(0, 3),
            st.integers(0, 99),
        ),
        max_size=15,
        unique_by=lambda place: place[2:],
    )
)
def test_whoever_a_reading_came_under_it_is_shown_once(places: list[tuple[str, str, int, int]]) -> None:
    rows = [row(name, at, user_id=user, partition=number) for name, user, number, at in places]

    seen = shown(rows)

    assert sorted(one["reading_id"] for one in seen) == sorted({name for name, *_ in places})
    assert shown(rows, looks_up=False) == seen
    for user in ("ann", "bob", "o''cyd"):
        asked = shown(rows, f"SELECT * FROM iot_data WHERE user_id = '{user}' ORDER BY reading_id")
        assert asked == [one for one in seen if one["user_id"] == user.replace("''", "'")]


@pytest.mark.parametrize("name", ["iot_data", "anomalies", "alarms"])
def test_what_athena_is_given_is_the_rule_that_is_tested_here(name: str) -> None:
    text = resources.files("wardstream.lake.athena").joinpath(f"{name}.sql").read_text()

    assert text == athena.statements()[name]
