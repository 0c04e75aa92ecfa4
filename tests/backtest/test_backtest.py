import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.backtest.stored import lake_file
from tests.scoring.made import alarms, heart_rates, reading
from wardstream.backtest.backtest import Request, Summary, backtest
from wardstream.backtest.output import rows
from wardstream.contracts import wire
from wardstream.contracts.user_model import UserModel, Usual
from wardstream.runtime.failure import CannotRun

_START = datetime(2026, 1, 1, tzinfo=UTC)


def _recorded(path: Path, columns: dict[str, list[Any]]) -> Path:
    count = len(next(iter(columns.values())))
    whole = {
        "user_id": ["ada"] * count,
        "measured_at": [_START + timedelta(seconds=10 * n) for n in range(count)],
    }
    pq.write_table(pa.table(whole | columns), path)
    return path


def _run(source: Path, **more: Any) -> Summary:
    return backtest(Request(str(source), processes=1, **more))


def test_a_lake_file_gives_the_alarms_that_the_scorer_gives(tmp_path: Path) -> None:
    readings = heart_rates([70] * 30 + [25] * 5 + [70] * 20)

    summary = _run(lake_file(tmp_path / "lake.parquet", readings), out=tmp_path / "alarms.parquet")

    written = pq.read_table(tmp_path / "alarms.parquet").to_pylist()
    wanted = pa.RecordBatch.from_pylist(
        rows(alarms(readings)), schema=pq.read_schema(tmp_path / "alarms.parquet")
    )
    assert written == wanted.to_pylist()
    assert (summary.readings, summary.alarms, summary.repeated) == (55, 1, 0)


def test_a_recorded_file_with_other_names_and_no_times_of_arrival_is_read(tmp_path: Path) -> None:
    source = _recorded(
        tmp_path / "r.parquet", {"heart_rate": [70.0] * 10 + [20.0] * 3, "temperature": [36.6] * 13}
    )

    summary = _run(source, out=tmp_path / "alarms.parquet")

    (alarm,) = pq.read_table(tmp_path / "alarms.parquet").to_pylist()
    assert (alarm["user_id"], alarm["kind"], alarm["vital"]) == ("ada", "clinical", "heart_rate_bpm")
    assert alarm["raised_at"] == _START + timedelta(seconds=100)
    assert summary.people == 1


def test_an_alarm_is_explained_by_its_id(tmp_path: Path) -> None:
    readings = heart_rates([70] * 3 + [25])
    (alarm,) = alarms(readings)

    summary = _run(lake_file(tmp_path / "lake.parquet", readings), explain=alarm.alarm_id)

    assert summary.explained == (alarm,)


def test_models_and_limits_replace_what_everybody_is_run_with(tmp_path: Path) -> None:
    source = lake_file(tmp_path / "lake.parquet", heart_rates([96] * 13))
    model = UserModel(
        user_id="ada",
        version=3,
        fitted_at_us=1,
        usual={"heart_rate_bpm": Usual(mean=52, spread=5, readings=9000)},
    )
    (tmp_path / "models.jsonl").write_bytes(wire.encode(model) + b"\n")
    (tmp_path / "limits.toml").write_text("[clinical.heart_rate_bpm]\nhigh = 90\n")

    plain = _run(source)
    with_model = _run(source, models=tmp_path / "models.jsonl")
    with_limits = _run(source, limits=tmp_path / "limits.toml")

    assert (plain.alarms, with_model.alarms, with_limits.alarms) == (0, 1, 1)


def test_a_risk_is_told_for_everybody_and_grows_with_age(tmp_path: Path) -> None:
    source = lake_file(tmp_path / "lake.parquet", heart_rates([90] * 13))
    told = []
    for age in (30, 85):
        (tmp_path / "people.csv").write_text(f"user_id,age\nada,{age}\n")
        _run(source, risk=tmp_path / "risk.csv", people=tmp_path / "people.csv")
        with (tmp_path / "risk.csv").open() as lines:
            told.append(float(next(csv.DictReader(lines))["risk"]))

    assert 0 < told[0] < told[1] < 1


def test_what_the_bridge_would_have_refused_is_passed_over(tmp_path: Path) -> None:
    source = _recorded(
        tmp_path / "r.parquet", {"temperature": [-17.8, 36.6, 36.6], "systolic": [0.0, 120.0, 120.0]}
    )

    assert _run(source).alarms == 0


@pytest.mark.parametrize("columns", [{"heart_rate": [70.0]}])
def test_faults_of_files_are_told_in_one_line(tmp_path: Path, columns: dict[str, list[float]]) -> None:
    pq.write_table(pa.table(columns), tmp_path / "bad.parquet")

    with pytest.raises(CannotRun, match="lacks column user_id, measured_at"):
        _run(tmp_path / "bad.parquet")
    with pytest.raises(CannotRun, match="no such file"):
        _run(tmp_path / "none.parquet")
    with pytest.raises(CannotRun, match="models"):
        _run(tmp_path / "bad.parquet", models=tmp_path / "none.jsonl")


def test_readings_of_one_person_that_lie_apart_are_brought_together(tmp_path: Path) -> None:
    mixed = [
        each
        for n in range(4)
        for each in (
            reading(n * 10, user="ada", heart_rate_bpm=39),
            reading(n * 10, user="bob", heart_rate_bpm=70),
        )
    ]

    summary = _run(lake_file(tmp_path / "lake.parquet", mixed))

    assert (summary.people, summary.readings, summary.alarms) == (2, 8, 1)
