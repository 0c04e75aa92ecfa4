"""Questions to a lake in a real S3."""

import io
import uuid
from datetime import timedelta

import pytest

from parquet_sink import files
from tests.lake.rows import NOON, row, table
from tests.lake.test_view import COLUMNS
from wardstream.contracts.tables import READINGS_TABLE
from wardstream.lake.output import Format
from wardstream.lake.query import query
from wardstream.lake.settings import LakeSettings
from wardstream.local.addresses import Addresses
from wardstream.local.ports import free_ports
from wardstream.runtime import aws
from wardstream.runtime.failure import CannotRun

pytestmark = pytest.mark.flow


class Lake:
    """A bucket of the test's own."""

    def __init__(self, servers: Addresses) -> None:
        self.settings = LakeSettings(
            lake_bucket=f"lake-{uuid.uuid4().hex[:8]}",
            aws_endpoint_url_s3=servers.s3_endpoint,
            aws_region=servers.region,
        )
        self._s3 = aws.s3(self.settings)
        self._s3.create_bucket(
            Bucket=self.settings.lake_bucket,
            CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
        )

    def hold(self, rows: list[dict[str, object]]) -> None:
        for day, dated in files.by_date(table(rows)):
            key = f"readings/date={day}/{uuid.uuid4().hex}.parquet"
            self._s3.put_object(
                Bucket=self.settings.lake_bucket, Key=key, Body=files.encoded(READINGS_TABLE, dated)
            )

    def ask(self, sql: str, form: Format = "csv") -> list[str]:
        out = io.StringIO()
        query(sql, self.settings, out, form)
        return out.getvalue().splitlines()


@pytest.fixture
def lake(servers: Addresses) -> Lake:
    return Lake(servers)


def test_the_first_ten_readings_of_a_device(lake: Lake) -> None:
    lake.hold([row(f"r{n}", n, heart_rate_bpm=60.0 + n) for n in range(30)])
    lake.hold([row(f"s{n}", n, device_id="device_2") for n in range(30)])

    said = lake.ask("SELECT * FROM iot_data WHERE device_id='device_1' LIMIT 10")

    assert said[0].split(",") == COLUMNS
    assert len(said) == 11
    assert all(line.startswith("device_1,2025-11-08T12:00:00Z,") for line in said[1:])


def test_a_reading_in_two_files_is_shown_once_and_a_day_is_asked_for_by_its_folder(lake: Lake) -> None:
    next_day = row("r2", 1, measured_at=NOON + timedelta(days=1))
    lake.hold([row("r1", 0), next_day])
    lake.hold([row("r1", 9)])

    assert lake.ask("SELECT count(*) FROM iot_data")[1:] == ["2"]
    assert lake.ask("SELECT reading_id, date FROM iot_data WHERE date = '2025-11-09'")[1:] == [
        "r2,2025-11-09"
    ]
    assert lake.ask("SELECT count(*) FROM readings")[1:] == ["3"]


def test_an_empty_lake_answers_with_no_rows_and_the_right_columns(lake: Lake) -> None:
    assert lake.ask("SELECT * FROM iot_data") == [",".join(COLUMNS)]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELEC 1", 'Parser Error: syntax error at or near "SELEC"'),
        ("SELECT nope FROM iot_data", 'Binder Error: Referenced column "nope" not found in FROM clause!'),
        ("SELECT 'x'::int FROM range(10)", "Conversion Error: Could not convert string 'x' to INT32"),
        ("", "that is no question: give a SELECT"),
    ],
)
def test_a_wrong_question_is_one_clear_line(lake: Lake, sql: str, said: str) -> None:
    with pytest.raises(CannotRun) as refused:
        lake.ask(sql)

    assert str(refused.value) == said


def test_a_missing_bucket_is_one_clear_line(servers: Addresses) -> None:
    nowhere = LakeSettings(lake_bucket="no-such-lake", aws_endpoint_url_s3=servers.s3_endpoint)

    with pytest.raises(CannotRun, match="S3 has no bucket no-such-lake"):
        query("SELECT 1", nowhere, io.StringIO())


def test_an_unreachable_s3_is_one_clear_line(servers: Addresses) -> None:
    (port,) = free_ports(1)
    nobody = LakeSettings(aws_endpoint_url_s3=f"http://127.0.0.1:{port}")

    with pytest.raises(CannotRun, match=f"S3 http://127.0.0.1:{port} does not answer"):
        query("SELECT 1", nobody, io.StringIO())


def test_rows_come_before_the_whole_answer_is_known(lake: Lake) -> None:
    class Enough(Exception):  # noqa: N818 -- a sentence: "raise Enough"
        pass

    class Impatient(io.StringIO):
        def write(self, text: str) -> int:
            if self.tell() > 1000:
                raise Enough
            return super().write(text)

    with pytest.raises(Enough):
        query("SELECT * FROM range(1_000_000_000_000)", lake.settings, Impatient(), "csv")
