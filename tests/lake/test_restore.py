"""Cold storage: what a question leaves out, and how it is brought back. Against moto's server: SeaweedFS has no cold storage."""

import io
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from tests.lake.archive import Archive, archive
from tests.lake.rows import NOON, row
from wardstream.cli import app
from wardstream.lake import progress
from wardstream.lake.objects import Stored, listed
from wardstream.lake.prices import hint
from wardstream.lake.query import Asked, query
from wardstream.lake.restore import Standing, ask, folders, restore, standing
from wardstream.runtime.failure import CannotRun

pytestmark = pytest.mark.slow
DAY = timedelta(days=1)
SPAN = folders(["readings"], date(2025, 11, 8), date(2025, 11, 10))
COUNT = "SELECT count(*) AS n FROM iot_data"


@pytest.fixture
def cold() -> Iterator[Archive]:
    """Three dates: one hot, two in different cold classes; and a fourth that nobody asks for."""
    with archive() as made:
        made.hold("a", [row("hot", 0)])
        made.hold("b", [row("glacier", 1, measured_at=NOON + DAY)], "GLACIER")
        made.hold("c", [row("deep", 2, measured_at=NOON + 2 * DAY)], "DEEP_ARCHIVE")
        made.hold("d", [row("later", 3, measured_at=NOON + 3 * DAY)], "DEEP_ARCHIVE")
        yield made


def asked_of(lake: Archive) -> tuple[str, Asked]:
    out = io.StringIO()
    heard: list[Asked] = []
    query(COUNT, lake.settings, out, "csv", heard.append)
    return out.getvalue().split()[1], heard[0]


def test_a_question_leaves_out_what_is_cold_and_says_how_to_get_it(cold: Archive) -> None:
    count, asked = asked_of(cold)

    assert count == "1"
    assert progress.too_cold(asked) == (
        "not asked: 3 files in cold storage, of 2025-11-09 to 2025-11-11; "
        "`wardstream restore --from 2025-11-09 --to 2025-11-11` brings them back"
    )


def test_a_restore_is_watched_until_hot_and_restored_answer_as_one(cold: Archive) -> None:
    cold.restores_slowly(looks=2)
    looks: list[Standing] = []

    done = restore(cold.bucket, SPAN, 3, 0.01, told=looks.append)

    assert [len(part) for part in looks[0]] == [2, 0, 0, 1]
    assert [len(part) for part in looks[1]] == [0, 2, 0, 1]
    assert [len(part) for part in done] == [0, 0, 2, 1]
    count, asked = asked_of(cold)
    assert count == "3"
    assert [one.day for one in asked.cold] == [date(2025, 11, 11)]


def test_an_interrupted_restore_goes_on_and_asks_for_nothing_twice(cold: Archive) -> None:
    cold.restores_slowly(looks=4)

    class Interrupted(Exception):  # noqa: N818 -- a sentence: "raise Interrupted"
        pass

    def interrupt(_: float) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        restore(cold.bucket, SPAN, 3, 0.01, told=lambda _: None, wait=interrupt)
    looks: list[Standing] = []
    restore(cold.bucket, SPAN, 3, 0.01, told=looks.append)

    assert all(not look.cold for look in looks)
    assert looks[-1].is_readable


def test_what_is_on_its_way_or_not_cold_may_be_asked_for_again(cold: Archive) -> None:
    everything = list(listed(cold.bucket, SPAN))

    ask(cold.bucket, everything, 2)
    ask(cold.bucket, everything, 2)

    assert standing(listed(cold.bucket, SPAN)).is_readable


def test_the_command_plans_starts_and_watches(cold: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {
        "LAKE_BUCKET": cold.name,
        "AWS_ENDPOINT_URL_S3": cold.endpoint,
        "RESTORE_POLL_S": "0.01",
    }.items():
        monkeypatch.setenv(name, text)
    cold.restores_slowly(looks=3)
    span = ["restore", "--from", "2025-11-08", "--to", "2025-11-10"]

    planned = CliRunner().invoke(app, [*span, "--dry-run"]).output
    started = CliRunner().invoke(app, [*span, "--no-wait"]).output
    watched = CliRunner().invoke(app, span).output
    wrong = CliRunner().invoke(app, ["restore", "--from", "2025-11-10", "--to", "2025-11-08"])

    assert "1 of 3 objects can be read; 0 are on their way, 2 still cold" in planned
    assert "would ask for 2 objects" in planned
    assert "up to 12 hours" in planned
    assert started == "1 of 3 objects can be read; 2 are on their way, 0 still cold\n"
    assert watched.splitlines()[-1] == "3 of 3 objects can be read; 0 are on their way, 0 still cold"
    assert wrong.exit_code == 1


def test_a_restore_has_a_price_that_grows_with_size_number_and_days() -> None:
    deep = Stored("readings/date=2025-01-01/a.parquet", 10**12, "e", "DEEP_ARCHIVE")

    week, month = hint([deep], 7), hint([deep], 30)

    assert week.hours == 12
    assert week.usd == pytest.approx(24 + 24.5 * 7 / 30.44 + 0.00012)
    assert month.usd > week.usd
    assert hint([], 7).usd == 0


def test_a_span_ends_after_it_begins() -> None:
    assert folders(["readings"], date(2025, 2, 28), date(2025, 3, 1)) == [
        "readings/date=2025-02-28/",
        "readings/date=2025-03-01/",
    ]
    with pytest.raises(CannotRun):
        folders(["readings"], date(2025, 3, 1), date(2025, 2, 28))
