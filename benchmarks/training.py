"""Training without S3 and Kafka: what reading, fitting and judging cost, and how much memory it takes.

    python -m benchmarks.training [PEOPLE] [DAYS] [SECONDS BETWEEN READINGS]

The lake is a folder of made-up days (three different ones, in turn), as the sink would write them. Judging is timed on the first
hundred people, since it costs the same for everybody.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sagemaker_training import history
from sagemaker_training.cells import DAY_US, Day, Hours, part
from sagemaker_training.fit import fit
from sagemaker_training.history import measure
from sagemaker_training.judge import judged
from sagemaker_training.people import People
from sagemaker_training.rows import readings_of
from sagemaker_training.scratch import TOGETHER, Scratch
from sagemaker_training.shards import WHOLE
from wardstream.contracts.user_model import UserModel
from wardstream.lake.schema import LAKE_SCHEMA

_FIRST = date(2025, 1, 1)
_HELD_OUT = 3
_DIFFERENT = 3
_FILE_PEOPLE = 1250
_JUDGED = 100


def main() -> None:
    people, days, every_s = (
        int(text) for text in (sys.argv[1:] + ["10000", "28", "300"][len(sys.argv) - 1 :])
    )
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as spill:
        _write_lake(Path(folder), people, days, every_s)
        began_mib = _peak_mib()
        seen, scratch, hours = People(WHOLE), Scratch(Path(spill)), list[Hours]()
        lake, effort, readings = history.folder(Path(folder)), None, 0
        with _timed() as reading_s:
            for place in range(days):
                fives = Day()
                for batch in lake.batches(
                    _FIRST + timedelta(days=place), seen, whole=place >= days - _HELD_OUT
                ):
                    measure(batch, fives)
                    readings += len(batch.numbers)
                    if place >= days - _HELD_OUT:
                        scratch.add(batch)
                date_hours, effort = fives.closed(len(seen), effort)
                hours.append(date_hours)
        read_mib = _peak_mib()
        models = []
        with _timed() as fitting_s:
            for start in range(0, people, TOGETHER):
                models += fit([part(each, start, TOGETHER) for each in hours], _HELD_OUT).usual
        with _timed() as judging_s:
            names = seen.names
            for group in range(-(-min(_JUDGED, people) // TOGETHER)):
                for name, theirs in readings_of(scratch.rows(group)):
                    model = UserModel(
                        user_id=name, version=1, fitted_at_us=0, usual=models[names.index(name)]
                    )
                    judged(model, None, theirs, ())
    print(f"{readings:,} readings of {people:,} people over {days} dates")
    print(f"reading: {readings / reading_s[0]:,.0f} readings/s ({reading_s[0]:.1f} s)")
    print(
        f"fitting: {people / fitting_s[0]:,.0f} people/s ({fitting_s[0]:.1f} s), {sum(map(bool, models)):,} have a model"
    )
    print(f"judging: {judging_s[0] / min(_JUDGED, people) * 1000:.0f} ms a person")
    kept = sum(each.nbytes for each in hours)
    print(
        f"memory: {began_mib:.0f} MiB before, {read_mib:.0f} MiB at most while reading, {_peak_mib():.0f} MiB at most"
    )
    print(f"kept of each person: {kept / people / 1024:.1f} KiB")


def _write_lake(root: Path, people: int, days: int, every_s: int) -> None:
    for number in range(days):
        folder = root / "readings" / f"date={_FIRST + timedelta(days=number)}"
        folder.mkdir(parents=True)
        for start in range(0, people, _FILE_PEOPLE):
            file = folder / f"readings-0-{start:020d}.parquet"
            if number < _DIFFERENT:
                pq.write_table(
                    _rows(number, start, min(_FILE_PEOPLE, people - start), every_s), file, compression="zstd"
                )
            else:
                os.link(
                    root / "readings" / f"date={_FIRST + timedelta(days=number % _DIFFERENT)}" / file.name,
                    file,
                )


def _rows(number: int, start: int, people: int, every_s: int) -> pa.Table:
    rng = np.random.default_rng(number * 1_000_003 + start)
    each = 86_400 // every_s
    count = people * each
    who = np.repeat(np.arange(start, start + people), each)
    second = np.tile(np.arange(each) * every_s, people)
    heart = 55 + who % 40 - 4 * np.cos((second / 3600 - 4) / 24 * 2 * np.pi) + rng.normal(0, 2, count)
    at = pa.array(number * DAY_US + second * 1_000_000).cast(pa.timestamp("us", "UTC"))
    columns = {
        "reading_id": pa.array(np.char.add("reading-", np.arange(count).astype(str))),
        "device_id": pa.array(np.char.add("watch-", who.astype(str))),
        "user_id": pa.array(np.char.add("person-", who.astype(str))),
        "measured_at": at,
        "received_at": at,
        "heart_rate_bpm": pa.array(heart),
        "spo2_pct": pa.array(97 + rng.normal(0, 0.5, count)),
        "temperature_c": pa.array(36.6 + rng.normal(0, 0.1, count)),
        "respiratory_rate_bpm": pa.array(14 + rng.normal(0, 0.8, count)),
        "steps_per_min": pa.array(np.where(rng.random(count) < 0.1, 60.0, 0.0)),
        "partition": pa.repeat(pa.scalar(0, pa.int32()), count),
        "offset": pa.array(np.arange(count)),
    }
    return pa.table(
        [columns.get(field.name, pa.nulls(count, field.type)) for field in LAKE_SCHEMA], schema=LAKE_SCHEMA
    )


@contextmanager
def _timed() -> Iterator[list[float]]:
    took: list[float] = []
    began_s = time.perf_counter()
    yield took
    took.append(time.perf_counter() - began_s)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
