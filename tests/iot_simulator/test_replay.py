"""Recorded people, read from Parquet and spoken again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from iot_simulator.ledger import identity
from iot_simulator.recording import Recording, Unusable
from iot_simulator.replay import Replay
from iot_simulator.said import Said
from mqtt_bridge.translate import translate
from tests.iot_simulator.making import SECOND_US, START_US, a_route
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import Rejected

T0 = datetime(2025, 4, 18, 7, 54, tzinfo=UTC)


def a_recording(folder: Path, *, rows_per_group: int = 3, **columns: Sequence[object]) -> Path:
    path = folder / "recording.parquet"
    table = pa.table(columns | {"measured_at": pa.array(columns["measured_at"], pa.timestamp("us", "UTC"))})
    pq.write_table(table, path, row_group_size=rows_per_group)
    return path


def seconds(*offsets: float) -> list[object]:
    return [T0 + timedelta(seconds=offset) for offset in offsets]


def two_wearers(folder: Path) -> Path:
    return a_recording(
        folder,
        user_id=["w1"] * 4 + ["w2"] * 3,
        device_id=["w1-watch"] * 4 + ["w2-watch"] * 3,
        measured_at=seconds(0, 5, 60, 65, 100, 101, 102),
        heart_rate=[93.0, 91.0, None, 96.0, 60.0, 61.0, 62.0],
        steps=[None, None, 40.0, None, None, None, None],
    )


def spoken(path: Path, device: str, *, speed: float = 1.0, restamp: bool = True) -> list[tuple[int, Said]]:
    """(since the start, message) of all that a recorded device says."""
    recording = Recording(path)
    rows = recording.rows(device, recording.first({device})[device])
    replay = Replay(a_route(device), rows, speed=speed, restamp=restamp)
    due: int | None = 0
    found: list[tuple[int, Said]] = []
    while due is not None:
        said, following = replay.speak(due, START_US)
        found += [(due, message) for message in said]
        due = following
    return found


def test_each_device_is_found_and_speaks_all_its_rows_across_row_groups(tmp_path: Path) -> None:
    path = two_wearers(tmp_path)

    first, second = spoken(path, "w1-watch"), spoken(path, "w2-watch")

    assert Recording(path).devices == ("w1-watch", "w2-watch")
    assert [said.values for _at, said in first] == [
        {"heart_rate_bpm": 93.0},
        {"heart_rate_bpm": 91.0},
        {"steps_per_min": 40.0},
        {"heart_rate_bpm": 96.0},
    ]
    assert [said.values for _at, said in second] == [{"heart_rate_bpm": bpm} for bpm in (60.0, 61.0, 62.0)]


def test_the_rhythm_is_the_recordings_divided_by_the_speed(tmp_path: Path) -> None:
    path = two_wearers(tmp_path)

    at_us = [at_us for at_us, _said in spoken(path, "w1-watch", speed=10.0)]

    assert at_us == [0, 500_000, 6_000_000, 6_500_000]


def test_restamped_messages_were_measured_when_they_leave(tmp_path: Path) -> None:
    said = spoken(two_wearers(tmp_path), "w1-watch", speed=10.0)

    assert [message.measured_at_us - START_US for _at, message in said] == [at_us for at_us, _said in said]


def test_messages_that_are_not_restamped_keep_the_recordings_time(tmp_path: Path) -> None:
    said = spoken(two_wearers(tmp_path), "w1-watch", restamp=False)

    assert said[1][1].measured_at_us == round(T0.timestamp()) * SECOND_US + 5 * SECOND_US


def test_the_bridge_reads_every_row_as_what_the_ledger_says(tmp_path: Path) -> None:
    path = a_recording(
        tmp_path,
        user_id=["s1"] * 3,
        measured_at=seconds(0, 60, 120),
        heart_rate=[77.0, None, None],
        systolic=[96.0, None, None],
        temperature=[36.1, None, -17.8],
        gcs=[None, 15.0, None],
    )

    said = [message for _at, message in spoken(path, "s1")]

    results = [translate(message.route.topic, message.payload, START_US, {}) for message in said]
    assert [isinstance(result, Reading) for result in results] == [True, True, False]
    assert isinstance(results[2], Rejected)
    assert results[2].payload_sha256 == identity(said[2])
    assert [r.reading_id for r in results if isinstance(r, Reading)] == [identity(m) for m in said[:2]]


def test_rows_out_of_order_and_rows_without_values_do_no_harm(tmp_path: Path) -> None:
    path = a_recording(
        tmp_path,
        rows_per_group=10,
        user_id=["b", "a", "b", "a", None],
        measured_at=[*seconds(9, 3, 1), None, T0],
        heart_rate=[70.0, float("nan"), 71.0, 72.0, 73.0],
    )

    b, a = spoken(path, "b"), spoken(path, "a")

    assert [said.values for _at, said in b] == [{"heart_rate_bpm": 71.0}, {"heart_rate_bpm": 70.0}]
    assert a == []


def test_a_file_that_is_no_recording_is_refused_in_one_sentence(tmp_path: Path) -> None:
    text = tmp_path / "text.parquet"
    text.write_text("no parquet")
    nobody = a_recording(tmp_path, measured_at=seconds(0), heart_rate=[1.0])

    with pytest.raises(Unusable, match="not a Parquet file"):
        Recording(text)
    with pytest.raises(Unusable, match="needs the columns"):
        Recording(nobody)
