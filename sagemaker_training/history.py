"""The lake by date and shard, as a stream: a batch at a time in memory, whatever the range of dates.

A lake is `s3://BUCKET` (or a folder that holds the same objects, as SageMaker mounts a channel). Only folders
`readings/date=…` in range are listed, and only the columns that are asked for are read.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from numpy.typing import NDArray
from pyarrow import fs

from sagemaker_training.cells import Day, Floats
from sagemaker_training.people import People
from sagemaker_training.rows import READING_COLUMNS
from wardstream.contracts.tables import LAKE_READINGS
from wardstream.contracts.user_model import STEPS
from wardstream.contracts.vitals import SPO2_CEILING_PCT, VITALS
from wardstream.lake import arrow
from wardstream.lake.schema import LAKE_SCHEMA
from wardstream.lake.settings import LakeSettings
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.metrics import TRAINING_READINGS

_COLUMNS = ["user_id", "measured_at", *VITALS, STEPS, "on_body"]
_BATCH_ROWS = 65_536
# Batches and files read ahead: the default of 16 batches and 4 files holds gigabytes of wide rows.
_AHEAD = 2


class Batch(NamedTuple):
    """Some rows of the lake, and whose each is by number."""

    numbers: NDArray[np.int64]
    rows: pa.RecordBatch


class Lake:
    """Readings in Parquet, by measured date (UTC)."""

    def __init__(self, filesystem: fs.FileSystem, root: str) -> None:
        self._filesystem = filesystem
        self._root = root

    def batches(self, day: date, people: People, *, whole: bool) -> Iterator[Batch]:
        """A date's readings of `people`'s shard, in the order of files; who is new gets a number.

        `whole`: every column that a `Reading` has; else what `measured` looks at.
        """
        for rows in self._batches(day, READING_COLUMNS if whole else _COLUMNS):
            numbers = people.numbers(rows.column("user_id"))
            ours = numbers >= 0
            if ours.any():
                yield Batch(numbers[ours], rows.filter(pa.array(ours)))
                TRAINING_READINGS.inc(int(ours.sum()))

    def _batches(self, day: date, columns: list[str]) -> Iterator[pa.RecordBatch]:
        folder = f"{self._root}/date={day.isoformat()}"
        try:
            if self._filesystem.get_file_info(folder).type == fs.FileType.NotFound:
                return
            found = ds.dataset(folder, filesystem=self._filesystem, format="parquet", schema=LAKE_SCHEMA)
            yield from found.to_batches(
                columns=columns,
                batch_size=_BATCH_ROWS,
                batch_readahead=_AHEAD,
                fragment_readahead=_AHEAD,
            )
        except OSError as error:
            raise CannotRun(f"the lake can't be read at {folder}: {type(error).__name__}") from error


def opened(settings: LakeSettings) -> Lake:
    """The lake in S3; `CannotRun` if its bucket can't be reached."""
    return Lake(arrow.reachable(settings), f"{settings.lake_bucket}/{LAKE_READINGS}")


def folder(path: Path) -> Lake:
    """The lake in a folder that holds `readings/`, or is it."""
    root = path / LAKE_READINGS if (path / LAKE_READINGS).is_dir() else path
    if not root.is_dir():
        raise CannotRun(f"there is no lake at {path}: it has no folder {LAKE_READINGS}")
    return Lake(fs.LocalFileSystem(), root.as_posix())


def dates(until: date, days: int) -> list[date]:
    """The last `days` dates before `until`, oldest first."""
    return [until - timedelta(days=back) for back in range(days, 0, -1)]


def measure(batch: Batch, into: Day) -> None:
    """Adds a batch to its date's five-minutes; what can't be true of a body, or was off it, is left out."""
    rows = batch.rows
    at_us = rows.column("measured_at").cast(pa.int64()).to_numpy(zero_copy_only=False)
    worn = pc.fill_null(rows.column("on_body"), True).to_numpy(zero_copy_only=False)
    values: dict[str, Floats] = {}
    for name in (*VITALS, STEPS):
        said = rows.column(name)
        if said.null_count < len(said):
            values[name] = _credible(name, said.cast(pa.float32()).to_numpy(zero_copy_only=False), worn)
    into.take(batch.numbers, at_us, values)


def _credible(name: str, said: Floats, worn: NDArray[np.bool_]) -> Floats:
    """What `scoring.artefact` would score: nothing off the body, no saturation that can't be."""
    credible = worn if name != "spo2_pct" else worn & ~(said > SPO2_CEILING_PCT)
    return np.where(credible, said, np.float32(np.nan))
