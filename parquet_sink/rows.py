"""Kafka records into the lake's rows. Pure."""

from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

import pyarrow as pa

from wardstream.contracts import rejected, wire
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import Rejected
from wardstream.lake.schema import LAKE_SCHEMA

# The last instant whose date has four digits of year: no folder could be named for a later one.
_LAST_US = 253_402_300_799_999_999
_RENAMED = {"measured_at": "measured_at_us", "received_at": "received_at_us"}
_OF_READING = LAKE_SCHEMA.names[: LAKE_SCHEMA.get_field_index("partition")]
# One C call per reading instead of eighteen: the transposition would cost as much as the decoding otherwise.
_cells = attrgetter(*(_RENAMED.get(name, name) for name in _OF_READING))
_TYPES = [LAKE_SCHEMA.field(name).type for name in _OF_READING]


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


def table(partition: int, records: Iterable[Record]) -> tuple[pa.Table, list[Refused]]:
    """The rows of `records` in their order, by `LAKE_SCHEMA`, and those that can't be rows."""
    readings: list[Reading] = []
    offsets: list[int] = []
    refused: list[Refused] = []
    for record in records:
        try:
            readings.append(_reading(record.value))
        except Malformed as fault:
            refused.append(Refused(record, fault))
        else:
            offsets.append(record.offset)
    return _table(partition, offsets, readings), refused


def _reading(value: bytes) -> Reading:
    reading = wire.reading(value)
    if reading.measured_at_us > _LAST_US or reading.received_at_us > _LAST_US:
        raise Malformed("timestamp", "after the year 9999")
    return reading


def _table(partition: int, offsets: list[int], readings: list[Reading]) -> pa.Table:
    if not readings:
        return LAKE_SCHEMA.empty_table()
    columns = [
        pa.array(cells, kind)
        for cells, kind in zip(zip(*map(_cells, readings), strict=True), _TYPES, strict=True)
    ]
    columns.append(pa.repeat(pa.scalar(partition, pa.int32()), len(offsets)))
    columns.append(pa.array(offsets, pa.int64()))
    return pa.Table.from_arrays(columns, schema=LAKE_SCHEMA)
