"""Stored readings for tests."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from parquet_sink.rows import Record, table
from wardstream.contracts import wire
from wardstream.contracts.reading import Reading


def lake_file(path: Path, readings: Sequence[Reading], partition: int = 0) -> Path:
    """The readings as `parquet_sink` writes them, one file."""
    records = [Record(offset, wire.encode(each)) for offset, each in enumerate(readings)]
    made, refused = table(partition, records)
    assert not refused
    pq.write_table(made, path)
    return path
