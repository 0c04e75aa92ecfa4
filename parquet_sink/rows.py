"""Kafka records into the lake's rows. Pure."""

import functools
from collections.abc import Iterable
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from parquet_sink.kept import READINGS, Kept
from wardstream.contracts import rejected
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.rejected import Rejected

# The last instant whose date has four digits of year: no folder could be named for a later one.
_LAST_US = 253_402_300_799_999_999


class Record(NamedTuple):
    """A Kafka record as far as the lake cares. A tombstone's value is empty."""

    offset: int
    value: bytes
    key: bytes = b""


class Refused(NamedTuple):
    """A record that can't be a row, and why."""

    record: Record
    fault: Malformed


def set_aside(topic: str, partition: int, refused: Refused, now_us: int) -> Rejected:
    """What `readings.rejected` says of a refused record. Which device it speaks for isn't known: `device_id` is empty."""
    place = f"partition {partition}, offset {refused.record.offset}"
    fault = Malformed(refused.fault.reason, f"{refused.fault.detail} ({place})")
    return rejected.refused(
        fault, topic=topic, device_id="", received_at_us=now_us, payload=refused.record.value
    )


def table(partition: int, records: Iterable[Record], kept: Kept = READINGS) -> tuple[pa.Table, list[Refused]]:
    """The rows of `records` in their order, by the table's schema, and those that can't be rows."""
    good: list[Record] = []
    messages: list[Any] = []
    refused: list[Refused] = []
    for record in records:
        try:
            message = kept.decode(record.value)
        except Malformed as fault:
            refused.append(Refused(record, fault))
        else:
            messages.append(message)
            good.append(record)
    return _dated(_table(kept, partition, good, messages), good, refused)


def _table(kept: Kept, partition: int, records: list[Record], messages: list[Any]) -> pa.Table:
    # Column by column: a tuple of cells per message would be twice as slow, most of it Python's garbage collection.
    columns = [
        pa.array(list(map(cell, messages)), field.type)
        for cell, field in zip(kept.cells, kept.schema, strict=False)
    ]
    columns.append(pa.repeat(pa.scalar(partition, pa.int32()), len(records)))
    columns.append(pa.array([record.offset for record in records], pa.int64()))
    return pa.Table.from_arrays(columns, schema=kept.schema)


def _dated(rows: pa.Table, records: list[Record], refused: list[Refused]) -> tuple[pa.Table, list[Refused]]:
    """Without the rows that no folder could be named for, which are refused as well."""
    instants = [
        rows[field.name].cast(pa.int64()) for field in rows.schema if pa.types.is_timestamp(field.type)
    ]
    is_late = functools.reduce(pc.or_, (pc.greater(instant, _LAST_US) for instant in instants))
    if not pc.any(is_late).as_py():
        return rows, refused
    fault = Malformed("timestamp", "after the year 9999")
    late = [Refused(records[at], fault) for at, told in enumerate(is_late.to_pylist()) if told]
    return rows.filter(pc.invert(is_late)), sorted([*refused, *late], key=lambda one: one.record.offset)
