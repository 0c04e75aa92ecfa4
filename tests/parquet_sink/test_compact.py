"""Merging on a real S3, killed and doubled, while somebody asks."""

import signal

import pytest

from tests.parquet_sink.own_lake import OwnLake, until
from wardstream.local.children import Child

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]

COUNT = "SELECT count(*) AS all, count(DISTINCT reading_id) AS ids FROM iot_data"
DAY = "2025-11-08"


def ended(child: Child) -> bool:
    return child.exit_code is not None


def test_killed_doubled_and_asked_meanwhile_a_merged_date_shows_each_reading_once(lake: OwnLake) -> None:
    readings = [lake.reading(n) for n in range(600)]
    lake.make_bucket().sink(FLUSH_INTERVAL_S="0.2")
    for wave in range(5):
        # Some of the wave before again.
        lake.publish(readings[max(0, wave * 120 - 20) : (wave + 1) * 120])
        until(lake.is_committed, "the sink to commit the wave")
    before = len(lake.keys())
    right = [{"all": 600, "ids": 600}]

    # Killed while it writes or just after, then two at once; what is merged stays for its grace.
    killed = lake.compactor("--date", DAY, name="killed", COMPACT_GRACE_S="3600")
    until(lambda: len(lake.keys()) > before or ended(killed), "it to have written")
    killed.send(signal.SIGKILL)
    answers = [lake.ask(COUNT)]
    two = [lake.compactor("--date", DAY, name=f"two-{n}", COMPACT_GRACE_S="3600") for n in range(2)]
    while not all(ended(one) for one in two):
        answers.append(lake.ask(COUNT))
    for _ in range(2):
        last = lake.compactor("--date", DAY, name="last", COMPACT_GRACE_S="0")
        until(lambda last=last: ended(last), "it to have merged")  # type: ignore[misc]  # bound now
        answers.append(lake.ask(COUNT))
    lake.publish([lake.reading(700, days_late=1)])
    until(lake.is_committed, "the late reading to land")

    left = lake.keys()
    assert [one.exit_code for one in two] == [0, 0]
    assert all(answer == right for answer in answers)
    assert sum(DAY in key for key in left) < before / 2
    assert lake.ask(COUNT) == [{"all": 601, "ids": 601}]
