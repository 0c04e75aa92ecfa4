"""The sink on real servers: each record in the files exactly once, whatever happens to the sink."""

import time

import pytest

from tests.parquet_sink.own_lake import OwnLake, until
from wardstream.contracts import wire
from wardstream.contracts.rejected import Rejected
from wardstream.contracts.units import utc

pytestmark = pytest.mark.flow


def test_each_record_is_in_the_files_once_under_its_own_date_and_each_reading_once_in_the_view(
    lake: OwnLake,
) -> None:
    on_time = [lake.reading(n) for n in range(300)]
    late = [lake.reading(1000 + n, days_late=3) for n in range(20)]
    lake.make_bucket().publish(on_time + late + on_time[:50])

    lake.sink()
    until(lake.is_committed, "the sink to commit everything")

    assert lake.places() == sorted(lake.in_topic())
    assert sorted(lake.in_files()) == sorted(
        (f"date={utc(wire.reading(value).measured_at_us).date()}", place)
        for place, value in lake.in_topic().items()
    )
    assert {folder for folder, _ in lake.in_files()} == {
        "date=2025-11-06",
        "date=2025-11-08",
        "date=2025-11-09",
    }
    seen = [row["reading_id"] for row in lake.ask("SELECT reading_id FROM iot_data")]
    assert sorted(seen) == sorted(reading.reading_id for reading in on_time + late)  # type: ignore[type-var]  # text


def test_records_that_come_while_it_runs_land_within_two_flush_intervals(lake: OwnLake) -> None:
    lake.make_bucket()
    lake.sink(FLUSH_INTERVAL_S="2")
    started_s = time.monotonic()

    lake.publish(lake.reading(n) for n in range(3))

    # One interval of waiting and one of writing; the rest is for joining the group and a busy machine.
    until(lambda: len(lake.places()) == 3, "an idle partition to land", timeout_s=15)
    assert time.monotonic() - started_s < 15


def test_asked_to_leave_it_flushes_commits_and_ends_well_within_ten_seconds(lake: OwnLake) -> None:
    lake.make_bucket().publish(lake.reading(n) for n in range(500))
    sink = lake.sink(FLUSH_INTERVAL_S="3600", FLUSH_ROWS="100")
    until(lambda: len(lake.keys()) > 0, "the sink to have taken records")

    asked_s = time.monotonic()
    code = sink.stop()

    assert code == 0
    assert time.monotonic() - asked_s < 10
    committed = {(n, at) for n, end in lake.committed().items() for at in range(end)}
    assert set(lake.places()) == committed
    assert committed


def test_a_record_that_is_no_reading_is_set_aside_before_the_partition_goes_on(lake: OwnLake) -> None:
    good = lake.reading(0)
    key = good.user_id
    lake.make_bucket().publish_bytes(
        [(key, b"garbage"), (key, wire.encode(good)), (key, b"\xff" * 200_000), (key, b"[]")]
    )

    lake.sink()
    until(lake.is_committed, "the sink to commit everything")

    assert len(lake.places()) == 1
    rejected = lake.rejected()
    assert sorted(one.payload_bytes for one in rejected) == [2, 7, 200_000]
    assert {one.reason for one in rejected} <= {"json", "format", "encoding"}
    assert payload_of(rejected, 7) == b"garbage"


def payload_of(rejected: list[Rejected], size: int) -> bytes:
    return next(one.payload for one in rejected if one.payload_bytes == size)


def test_only_refused_records_are_committed_without_a_file(lake: OwnLake) -> None:
    lake.make_bucket().publish_bytes([("key", b"garbage")] * 3)

    lake.sink()
    until(lake.is_committed, "the sink to commit everything")

    assert lake.keys() == []
    assert len(lake.rejected()) == 3
