"""Held-out readings on local disk, so that the lake is read once and memory holds a few people's at a time.

People are kept in groups of `TOGETHER`, a file each. Of each person's values of a kind, one a minute is kept: a model speaks of
means over five minutes, and the judge asks the same of both sides.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sagemaker_training.history import Batch
from sagemaker_training.rows import READING_COLUMNS
from wardstream.contracts.user_model import STEPS
from wardstream.contracts.vitals import VITALS
from wardstream.lake.schema import LAKE_SCHEMA

TOGETHER = 50
_MINUTE_US = 60_000_000
_MOST_BUFFERED = 400_000


class Scratch:
    """Rows by group of people, in files below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._buffered: dict[int, list[pa.RecordBatch]] = {}
        self._rows = 0
        self._parts = 0

    def add(self, batch: Batch) -> None:
        """Keeps a batch's rows, thinned."""
        batch = thinned(batch)
        groups = batch.numbers // TOGETHER
        for group in np.unique(groups).tolist():
            rows = batch.rows.filter(pa.array(groups == group))
            self._buffered.setdefault(group, []).append(rows)
        self._rows += len(batch.numbers)
        if self._rows >= _MOST_BUFFERED:
            self._flush()

    def rows(self, group: int) -> pa.Table:
        """All rows of a group, in the order they were added."""
        self._flush()
        folder = self._folder / str(group)
        tables = []
        for part in sorted(folder.iterdir()) if folder.is_dir() else []:
            with pa.memory_map(str(part)) as file, pa.ipc.open_file(file) as reader:
                tables.append(reader.read_all())
        return pa.concat_tables(tables) if tables else LAKE_SCHEMA.empty_table()

    def _flush(self) -> None:
        for group, rows in self._buffered.items():
            folder = self._folder / str(group)
            folder.mkdir(exist_ok=True)
            table = pa.Table.from_batches(rows).select(READING_COLUMNS)
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            with (
                pa.OSFile(str(folder / f"{self._parts:06d}"), "wb") as file,
                pa.ipc.new_file(file, table.schema, options=options) as writer,
            ):
                writer.write_table(table)
        self._parts += 1
        self._buffered.clear()
        self._rows = 0


def thinned(batch: Batch) -> Batch:
    """Of rows of one person, minute and kind of content (which signals it says) the first."""
    minutes = batch.rows.column("measured_at").cast(pa.int64()).to_numpy(zero_copy_only=False) // _MINUTE_US
    says = np.zeros(len(minutes), np.int64)
    for place, name in enumerate((*VITALS, STEPS)):
        said = pc.is_valid(batch.rows.column(name)).to_numpy(zero_copy_only=False)
        says |= said.astype(np.int64) << place
    kept = _first_of_each(batch.numbers, minutes, says)
    return Batch(batch.numbers[kept], batch.rows.take(pa.array(kept)))


def _first_of_each(*keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first place of each distinct combination, in order."""
    # Stable: of equal ones the first stays the first.
    order = np.lexsort(keys[::-1])
    is_new = np.zeros(len(order), np.bool_)
    is_new[:1] = True
    for key in keys:
        is_new[1:] |= np.diff(key[order]) != 0
    return np.sort(order[is_new])
