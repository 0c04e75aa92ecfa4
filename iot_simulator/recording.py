"""Recorded people in a Parquet file, each read row group by row group, so that no more than one of them is held at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wardstream.contracts.vitals import ACCEPTED

# Short names that recordings use, as Reading calls them.
_SHORT = {
    "heart_rate": "heart_rate_bpm",
    "spo2": "spo2_pct",
    "temperature": "temperature_c",
    "systolic": "systolic_mmhg",
    "diastolic": "diastolic_mmhg",
    "respiratory_rate": "respiratory_rate_bpm",
    "steps": "steps_per_min",
}
# Rows turned into Python objects at once; the rest of a row group stays in Arrow's columns, some 30 bytes a row.
_ROWS_AT_ONCE = 512


class Unusable(ValueError):  # noqa: N818 -- a sentence: "raise Unusable"
    """The file is no recording that can be replayed; the message says why."""


class Row(NamedTuple):
    """One recorded instant: microseconds since the epoch and what was measured, in Reading's names and units."""

    measured_at_us: int
    values: dict[str, float]


class Run(NamedTuple):
    """Where one device's rows lie within a row group, sorted by time."""

    row_group: int
    rows: pa.Table


class Recording:
    """A Parquet file of recorded devices: `user_id` or `device_id`, `measured_at` (UTC) and vitals, missing values null."""

    def __init__(self, path: Path) -> None:
        self._file = _opened(path)
        names = self._file.schema_arrow.names
        self._who = "device_id" if "device_id" in names else "user_id"
        self._vitals = {name: _SHORT.get(name, name) for name in names if _SHORT.get(name, name) in ACCEPTED}
        if self._who not in names or "measured_at" not in names or not self._vitals:
            raise Unusable(
                f"{path}: needs the columns user_id or device_id, measured_at and at least one vital sign"
            )
        self._row_groups = self._index()

    @property
    def devices(self) -> tuple[str, ...]:
        """The recorded devices, in the order of the file."""
        return tuple(self._row_groups)

    def first(self, devices: set[str]) -> dict[str, Run]:
        """The first rows of these devices. Reads each row group that begins one of them once."""
        wanted: dict[int, set[str]] = {}
        for device in devices:
            wanted.setdefault(self._row_groups[device][0], set()).add(device)
        found: dict[str, Run] = {}
        for row_group, here in wanted.items():
            table = self._read(row_group)
            found |= {device: Run(row_group, rows) for device, rows in _split(table, self._who, here)}
        return found

    def rows(self, device: str, run: Run) -> Iterator[Row]:
        """All rows of a device from `run` on. Holds the rows of this device in one row group."""
        yield from self._rows(run.rows)
        for row_group in self._row_groups[device]:
            if row_group > run.row_group:
                for _device, rows in _split(self._read(row_group), self._who, {device}):
                    yield from self._rows(rows)

    def _index(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for row_group in range(self._file.num_row_groups):
            column = self._file.read_row_group(row_group, columns=[self._who]).column(0)
            for device in pc.unique(column).to_pylist():
                if device is not None:
                    found.setdefault(device, []).append(row_group)
        return found

    def _read(self, row_group: int) -> pa.Table:
        table = self._file.read_row_group(row_group, columns=[self._who, "measured_at", *self._vitals])
        at_us = table.column("measured_at").cast(pa.timestamp("us", "UTC")).cast(pa.int64())
        table = table.set_column(table.schema.get_field_index("measured_at"), "measured_at", at_us)
        return table.filter(pc.is_valid(table.column("measured_at")))

    def _rows(self, table: pa.Table) -> Iterator[Row]:
        for batch in table.to_batches(max_chunksize=_ROWS_AT_ONCE):
            columns = [batch.column(name).to_pylist() for name in self._vitals]
            for at_us, *numbers in zip(batch.column("measured_at").to_pylist(), *columns, strict=True):
                said = zip(self._vitals.values(), numbers, strict=True)
                # A NaN is how some writers say null.
                values = {vital: number for vital, number in said if number is not None and number == number}  # noqa: PLR0124
                if values:
                    yield Row(at_us, values)


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise Unusable(f"{path}: not a Parquet file that can be read ({type(error).__name__})") from error


def _split(table: pa.Table, who: str, devices: set[str]) -> Iterator[tuple[str, pa.Table]]:
    """Each device's rows, sorted by time, copied so that the row group itself can be let go."""
    names = pa.array(sorted(devices), pa.string())
    table = table.filter(pc.is_in(table.column(who).cast(pa.string()), value_set=names))
    table = table.sort_by([(who, "ascending"), ("measured_at", "ascending")]).combine_chunks()
    ends = pc.run_end_encode(table.column(who).combine_chunks()) if table.num_rows else None
    start = 0
    for device, end in _runs(ends):
        yield device, _copied(table.slice(start, end - start))
        start = end


def _runs(encoded: pa.RunEndEncodedArray | None) -> Iterator[tuple[str, int]]:
    if encoded is not None:
        yield from zip(encoded.values.to_pylist(), encoded.run_ends.to_pylist(), strict=True)


def _copied(table: pa.Table) -> pa.Table:
    return table.take(pa.array(range(table.num_rows), pa.int64()))
