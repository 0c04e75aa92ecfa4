"""The loop: people from a source, scored in a few processes, written as alarms and risks."""

import csv
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from wardstream.backtest.output import SCHEMA, rows
from wardstream.backtest.person import Ask, Found, run
from wardstream.backtest.rows import readings
from wardstream.backtest.source import people
from wardstream.contracts import wire
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.user_model import UserModel
from wardstream.runtime.failure import CannotRun
from wardstream.scoring.limits import DEFAULTS, Limits, LimitsFile, for_everybody
from wardstream.scoring.risk import Models

# People waiting to be scored; each is held in memory.
_AHEAD = 4


class Request(NamedTuple):
    """What is run: the readings' place, where the results go, and what everybody is run with."""

    source: str
    out: Path | None = None
    risk: Path | None = None
    people: Path | None = None
    models: Path | None = None
    limits: Path | None = None
    explain: str | None = None
    has_model: bool = True
    processes: int = 0


class Summary(NamedTuple):
    """What a run came to."""

    people: int = 0
    readings: int = 0
    repeated: int = 0
    anomalies: int = 0
    alarms: int = 0
    explained: tuple[Alarm, ...] = ()


def backtest(request: Request) -> Summary:
    """Runs it and writes the files asked for. `CannotRun` says what is wrong with a file."""
    ask = Ask(_limits(request.limits), _risks() if request.risk else None, request.has_model)
    ages = _ages(request.people)
    models = _models(request.models)
    found = _scored(request, ask, models, ages)
    return _written(request, found)


def _scored(
    request: Request, ask: Ask, models: dict[str, UserModel], ages: dict[str, float]
) -> Iterator[Found]:
    with ProcessPoolExecutor(request.processes or os.cpu_count()) as pool:
        waiting: deque[Future[Found]] = deque()
        for user_id, table in people(request.source):
            waiting.append(pool.submit(_one, user_id, table, ask, models.get(user_id), ages.get(user_id)))
            while len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _one(user_id: str, table: pa.Table, ask: Ask, model: UserModel | None, age: float | None) -> Found:
    said = (reading for batch in table.to_batches() for reading in readings(batch))
    return run(user_id, said, ask, model, age)


def _written(request: Request, found: Iterator[Found]) -> Summary:
    summary = Summary()
    risks: list[tuple[str, float]] = []
    alarms: list[pa.RecordBatch] = []
    for each in found:
        alarms_of = rows(each.steps)
        if alarms_of:
            alarms.append(pa.RecordBatch.from_pylist(alarms_of, schema=SCHEMA))
        if each.risk is not None:
            risks.append((each.user_id, each.risk))
        summary = Summary(
            summary.people + 1,
            summary.readings + each.readings,
            summary.repeated + each.repeated,
            summary.anomalies + each.anomalies,
            summary.alarms + len(alarms_of),
            summary.explained + tuple(step for step in each.steps if step.alarm_id == request.explain),
        )
    _write(request, alarms, risks)
    return summary


def _write(request: Request, alarms: list[pa.RecordBatch], risks: list[tuple[str, float]]) -> None:
    try:
        if request.out is not None:
            pq.write_table(pa.Table.from_batches(alarms, schema=SCHEMA), request.out, compression="zstd")
        if request.risk is not None:
            with request.risk.open("w", newline="") as out:
                writer = csv.writer(out)
                writer.writerow(("user_id", "risk"))
                writer.writerows((user_id, f"{each:.6f}") for user_id, each in risks)
    except OSError as error:
        raise CannotRun(f"the result can't be written: {error}") from error


def _limits(path: Path | None) -> Limits:
    if path is None:
        return DEFAULTS
    decode = msgspec.json.decode if path.suffix == ".json" else msgspec.toml.decode
    try:
        return for_everybody(decode(path.read_bytes(), type=LimitsFile))
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CannotRun(f"limits {path} can't be used: {error}") from error


def _models(path: Path | None) -> dict[str, UserModel]:
    """Models, one a line as `user-models` holds them; of several of one person the highest version."""
    if path is None:
        return {}
    try:
        read = [wire.user_model(line) for line in path.read_bytes().splitlines() if line.strip()]
    except (OSError, Malformed) as error:
        raise CannotRun(f"models {path} can't be used: {error}") from error
    return {model.user_id: model for model in sorted(read, key=lambda model: model.version)}


def _ages(path: Path | None) -> dict[str, float]:
    if path is None:
        return {}
    try:
        with path.open(newline="") as lines:
            return {row["user_id"]: float(row["age"]) for row in csv.DictReader(lines) if row["age"]}
    except (OSError, KeyError, ValueError) as error:
        raise CannotRun(f"people {path} need columns user_id and age: {error!r}") from error


def _risks() -> Models:
    path = files("wardstream.scoring") / "risk_weights.json"
    return msgspec.json.decode(path.read_bytes(), type=Models)
