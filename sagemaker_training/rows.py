"""The lake's rows back into readings, person by person in the order of Kafka's offsets. Pure."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from wardstream.contracts.reading import Reading
from wardstream.lake.schema import LAKE_SCHEMA

READING_COLUMNS: list[str] = list(LAKE_SCHEMA.names)
_RENAMED = {"measured_at": "measured_at_us", "received_at": "received_at_us"}
_OF_READING = [name for name in LAKE_SCHEMA.names if name not in ("partition", "offset")]
_FIELDS = [_RENAMED.get(name, name) for name in _OF_READING]


def readings_of(rows: pa.Table) -> Iterator[tuple[str, list[Reading]]]:
    """(user, readings) for everybody in `rows`, by user id; each person's readings in the order they came to Kafka."""
    ordered = rows.sort_by([("user_id", "ascending"), ("partition", "ascending"), ("offset", "ascending")])
    runs = ordered["user_id"].combine_chunks()
    users = runs.to_pylist()
    start = 0
    while start < len(users):
        end = start
        while end < len(users) and users[end] == users[start]:
            end += 1
        yield users[start], [_reading(cells) for cells in _cells(ordered.slice(start, end - start))]
        start = end


def _cells(rows: pa.Table) -> Iterator[tuple[Any, ...]]:
    columns = []
    for name in _OF_READING:
        column = rows[name]
        if name in _RENAMED:
            column = column.cast(pa.int64())
        columns.append(column.to_pylist())
    return zip(*columns, strict=True)


def _reading(cells: tuple[Any, ...]) -> Reading:
    said = dict(zip(_FIELDS, cells, strict=True))
    said["artefacts"] = tuple(said["artefacts"] or ())
    return Reading(**said)
