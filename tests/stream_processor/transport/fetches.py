"""Fetches as a broker would answer them, made by aiokafka's own builder."""

import struct
from typing import Any

from aiokafka.consumer.fetcher import READ_COMMITTED, FetchResult, PartitionRecords
from aiokafka.consumer.subscription_state import Assignment
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition

TP = TopicPartition("readings", 0)
# In the header of a record batch: https://kafka.apache.org/documentation/#recordbatch
_ATTRIBUTES_AT = struct.calcsize(">qiibI")
_CONTROL = 0x20
_ABORT = struct.pack(">hh", 0, 0)
_COMMIT = struct.pack(">hh", 0, 1)


def record_batch(base: int, count: int, *, compression: int = 0, producer: int = -1, size: int = 10) -> bytes:
    """`count` records from offset `base` on; of a transaction if a producer is given."""
    builder = DefaultRecordBatchBuilder(2, compression, producer >= 0, producer, 0, 0, 1 << 24)
    for delta in range(count):
        value = f"{base + delta}".encode().ljust(size, b".")
        builder.append(delta, timestamp=1000 + delta, key=None, value=value, headers=[])
    made = bytearray(builder.build())
    struct.pack_into(">q", made, 0, base)
    return bytes(made)


def marker(base: int, producer: int, *, aborts: bool) -> bytes:
    """A control batch that ends a transaction."""
    builder = DefaultRecordBatchBuilder(2, 0, 1, producer, 0, 0, 1 << 16)
    builder.append(0, timestamp=1000, key=_ABORT if aborts else _COMMIT, value=b"", headers=[])
    made = bytearray(builder.build())
    struct.pack_into(">q", made, 0, base)
    (attributes,) = struct.unpack_from(">h", made, _ATTRIBUTES_AT)
    struct.pack_into(">h", made, _ATTRIBUTES_AT, attributes | _CONTROL)
    return bytes(made)


def fetch(
    *record_batches: bytes, position: int = 0, aborted: tuple[tuple[int, int], ...] = (), checks: bool = False
) -> Any:
    """What aiokafka holds after a fetch from `position` on; needs a running loop."""
    assignment = Assignment({TP})
    assignment.state_value(TP).seek(position)
    records = PartitionRecords(
        TP,
        MemoryRecords(b"".join(record_batches)),
        list(aborted),
        position,
        None,
        None,
        checks,
        READ_COMMITTED,
    )
    return FetchResult(TP, assignment=assignment, partition_records=records, backoff=0)
