"""Answers as people and programs read them."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardstream.lake.output import Format, write

ANSWER = pa.table(
    {
        "device_id": ["device_1", None],
        "heart_rate": [72.0, 101.5],
        "timestamp": pa.array([datetime(2025, 11, 8, 12, tzinfo=UTC)] * 2, pa.timestamp("us", tz="UTC")),
        "date": [date(2025, 11, 8)] * 2,
    }
)


def written(answer: pa.Table, form: Format, batch_rows: int = 1) -> str:
    out = io.StringIO()
    count = write(pa.RecordBatchReader.from_batches(answer.schema, answer.to_batches(batch_rows)), out, form)
    assert count == answer.num_rows
    return out.getvalue()


def test_a_table_has_a_header_rows_and_their_number() -> None:
    said = written(ANSWER, "table", batch_rows=10)

    assert said.splitlines() == [
        "device_id  heart_rate  timestamp             date",
        "---------  ----------  --------------------  ----------",
        "device_1         72.0  2025-11-08T12:00:00Z  2025-11-08",
        "NULL            101.5  2025-11-08T12:00:00Z  2025-11-08",
        "(2 rows)",
    ]


def test_csv_has_a_header_and_nothing_for_null() -> None:
    said = written(ANSWER, "csv")

    assert said.splitlines() == [
        "device_id,heart_rate,timestamp,date",
        "device_1,72.0,2025-11-08T12:00:00Z,2025-11-08",
        ",101.5,2025-11-08T12:00:00Z,2025-11-08",
    ]


def test_json_is_one_array_with_an_object_a_line() -> None:
    said = written(ANSWER, "json")

    assert json.loads(said)[1] == {
        "device_id": None,
        "heart_rate": 101.5,
        "timestamp": "2025-11-08T12:00:00Z",
        "date": "2025-11-08",
    }
    assert len(said.splitlines()) == 4


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("table", "device_id  heart_rate\n---------  ----------\n(0 rows)\n"),
        ("csv", "device_id,heart_rate\r\n"),
        ("json", "[\n]\n"),
    ],
)
def test_no_rows_still_have_columns(form: Format, said: str) -> None:
    nothing = ANSWER.select(["device_id", "heart_rate"]).slice(0, 0)

    assert written(nothing, form) == said


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.tuples(texts, st.none() | st.integers(-(2**53), 2**53)), max_size=5))
def test_csv_and_json_can_be_read_back(rows: list[tuple[str, int | None]]) -> None:
    answer = pa.table(
        {"name": pa.array([n for n, _ in rows], pa.string()), "n": pa.array([v for _, v in rows], pa.int64())}
    )

    from_csv = list(csv.reader(io.StringIO(written(answer, "csv"), newline="")))
    from_json = json.loads(written(answer, "json"))

    assert from_csv[1:] == [[name, "" if value is None else str(value)] for name, value in rows]
    assert from_json == [{"name": name, "n": value} for name, value in rows]
