"""`wardstream query` as a process: what it says on which stream, and how it ends when it is interrupted."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.lake.archive import Archive, archive
from tests.lake.rows import NOON, row

pytestmark = pytest.mark.slow
_MAIN = "from wardstream.cli import app; app()"
_TIMEOUT_S = 90.0


@pytest.fixture
def lake() -> Iterator[Archive]:
    with archive() as made:
        yield made


def asking(lake: Archive, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _MAIN, "query", "--format", "csv", *arguments],
        env=os.environ | {"AWS_ENDPOINT_URL_S3": lake.endpoint, "LAKE_BUCKET": lake.name},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_rows_go_to_one_stream_and_what_was_read_to_the_other(lake: Archive) -> None:
    for day in range(3):
        people = [f"p{n}" for n in range(200) for _ in range(100)]
        rows = [
            row(f"r{day}-{n}", n, user_id=name, measured_at=NOON + timedelta(days=day))
            for n, name in enumerate(people)
        ]
        lake.hold("a", rows)
    lake.hold("b", [row("cold", 1, measured_at=NOON - timedelta(days=1))], "GLACIER")
    sql = "SELECT count(*) AS n FROM iot_data WHERE user_id = 'p7' AND date = '2025-11-09'"

    said, faults = asking(lake, "--stats", sql).communicate(timeout=_TIMEOUT_S)

    assert said == "n\n100\n".replace("\n", os.linesep)
    read, cold = faults.splitlines()
    assert read.endswith("in 1 of 3 files")
    assert cold.startswith("not asked: 1 files in cold storage, of 2025-11-07 to 2025-11-07;")


def test_an_interrupted_question_ends_at_once_without_a_traceback(lake: Archive) -> None:
    running = asking(lake, "SELECT * FROM range(1_000_000_000_000)")
    assert running.stdout is not None
    assert running.stdout.readline() == "range\n"

    running.send_signal(signal.SIGINT)
    _, faults = running.communicate(timeout=_TIMEOUT_S)

    assert running.returncode == 130
    assert faults == ""
