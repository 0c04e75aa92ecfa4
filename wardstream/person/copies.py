"""Writing a copy's tables as Parquet or CSV, batch by batch."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from wardstream.lake.output import write

_BATCH_ROWS = 1000

_TEXT, _NUMBER = pa.string(), pa.float64()
# As DynamoDB holds them; `explanation` is JSON.
ANOMALIES = pa.schema(
    [
        ("anomaly_id", _TEXT),
        ("reading_id", _TEXT),
        ("deviceid", _TEXT),
        ("user_id", _TEXT),
        ("timestamp", _TEXT),
        ("received_at", _TEXT),
        ("vital", _TEXT),
        ("value", _NUMBER),
        ("rule", _TEXT),
        ("direction", _TEXT),
        ("limit", _NUMBER),
    ]
)
ALARMS = pa.schema(
    [
        ("alarm_id", _TEXT),
        ("revision", _NUMBER),
        ("user_id", _TEXT),
        ("device_id", _TEXT),
        ("kind", _TEXT),
        ("vital", _TEXT),
        ("direction", _TEXT),
        ("priority", _TEXT),
        ("state", _TEXT),
        ("raised_at", _TEXT),
        ("at", _TEXT),
        ("sentence", _TEXT),
        ("explanation", _TEXT),
    ]
)

# Writes a table to a file; how many rows it had.
Write = Callable[[pa.RecordBatchReader, Path], int]


def parquet(rows: pa.RecordBatchReader, file: Path) -> int:
    """One zstd Parquet file."""
    count = 0
    with pq.ParquetWriter(file, rows.schema, compression="zstd") as writer:
        for batch in rows:
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def as_csv(rows: pa.RecordBatchReader, file: Path) -> int:
    """One CSV file as RFC 4180 has it; instants ISO 8601, NULL is empty."""
    with file.open("w", newline="", encoding="utf-8") as out:
        return write(rows, out, "csv")


def items(found: Iterable[Mapping[str, Any]], schema: pa.Schema) -> pa.RecordBatchReader:
    """DynamoDB's items as rows of this schema, as they come."""
    return pa.RecordBatchReader.from_batches(schema, _batches(iter(found), schema))


def _batches(found: Iterator[Mapping[str, Any]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    rows: list[dict[str, Any]] = []
    for item in found:
        rows.append({name: _cell(item.get(name)) for name in schema.names})
        if len(rows) == _BATCH_ROWS:
            yield pa.RecordBatch.from_pylist(rows, schema)
            rows = []
    if rows:
        yield pa.RecordBatch.from_pylist(rows, schema)


def _cell(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return msgspec.json.encode(value, enc_hook=float).decode()
    return value
