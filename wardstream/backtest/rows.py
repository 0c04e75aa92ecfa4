"""Rows of stored readings into `Reading`s. Pure."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from wardstream.backtest.columns import VALUES
from wardstream.contracts.identity import reading_id
from wardstream.contracts.reading import Reading
from wardstream.contracts.vitals import ACCEPTED


def readings(rows: pa.RecordBatch) -> Iterator[Reading]:
    """One reading a row, in order. A value no sensor can mean is passed over: the bridge would have refused it."""
    columns = {name: rows.column(name).to_pylist() for name in rows.schema.names}
    present = [name for name in VALUES if rows.column(name).null_count < rows.num_rows]
    sparse = [(name, columns[name], *ACCEPTED[name]) for name in present]
    for n in range(rows.num_rows):
        said: dict[str, Any] = {}
        for name, values, low, high in sparse:
            value = values[n]
            if value is not None and low <= value <= high:
                said[name] = value
        yield _reading(columns, n, said)


def _reading(columns: dict[str, list[Any]], n: int, said: dict[str, Any]) -> Reading:
    device_id, measured_at_us = columns["device_id"][n], columns["measured_at"][n]
    boot, sequence = columns["boot"][n], columns["sequence"][n]
    return Reading(
        reading_id=columns["reading_id"][n] or reading_id(device_id, measured_at_us, boot, sequence, said),
        device_id=device_id,
        user_id=columns["user_id"][n],
        measured_at_us=measured_at_us,
        received_at_us=columns["received_at"][n],
        boot=boot,
        sequence=sequence,
        on_body=columns["on_body"][n],
        artefacts=tuple(columns["artefacts"][n] or ()),
        **said,
    )
