"""From what aiokafka has fetched to batches, without an object per record in between.

aiokafka makes a `ConsumerRecord` of every record, which takes two thirds of the time of reading a topic. This walks the
same parsed record batches (aiokafka's `Fetcher`, `FetchResult` and `PartitionRecords`, 0.12 to 0.14) and keeps the
parser's own records. Aborted transactions and control records are left out by aiokafka's own rules.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from aiokafka.consumer.fetcher import READ_COMMITTED, FetchResult
from aiokafka.errors import CorruptRecordException
from aiokafka.structs import TopicPartition

from stream_processor.transport.batch import Batch, Record

_SAMPLED = 16


class Size(NamedTuple):
    """A batch takes record batches, as the producers wrote them, until one of these is reached."""

    records: int
    size_bytes: int


async def fetched(
    fetcher: Any,
    partitions: set[Any] | None,
    timeout_s: float,
    size: Size,
    is_wanted: Callable[[], bool] = lambda: True,
) -> dict[TopicPartition, list[Batch]]:
    """What is there of `partitions` (None: all), at most one batch of each; waits up to `timeout_s` for something.

    `Fetcher.fetched_records` with batches for records; one without records only moves the position on, past what nobody
    is to see. A partition's fault is raised once nothing else is there.
    Takes nothing while `is_wanted` says no.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        if fetcher._subscriptions.reassignment_in_progress:  # noqa: SLF001 -- no public door to any of this
            await fetcher._subscriptions.wait_for_assignment()  # noqa: SLF001
        # What was asked for before a rebalance may still wait here after it, and must not move on a partition whose place
        # is just being looked up.
        if not is_wanted():
            return {}
        drained = _drained(fetcher, partitions, size)
        left_s = deadline - time.monotonic()
        if drained or left_s <= 0:
            return drained
        waiter = fetcher._create_fetch_waiter()  # noqa: SLF001
        done, pending = await asyncio.wait([waiter], timeout=left_s)
        for each in pending:
            each.cancel()
        if not done or fetcher._closed:  # noqa: SLF001
            return {}
        waiter.result()


def _drained(fetcher: Any, partitions: set[Any] | None, size: Size) -> dict[TopicPartition, list[Batch]]:
    drained: dict[TopicPartition, list[Batch]] = {}
    held = fetcher._records  # noqa: SLF001
    for tp in list(held):
        if partitions and tp not in partitions:
            if not fetcher._subscriptions.is_assigned(tp):  # noqa: SLF001
                del held[tp]
            continue
        result = held[tp]
        if not isinstance(result, FetchResult):
            if not drained:
                del held[tp]
                fetcher._notify(fetcher._wait_consume_future)  # noqa: SLF001
                result.check_raise()
            break
        batch = _batch(result, size)
        if not result.has_more():
            del held[tp]
            fetcher._notify(fetcher._wait_consume_future)  # noqa: SLF001
        if batch is not None:
            drained[tp] = [batch]
    return drained


def _batch(result: Any, size: Size) -> Batch | None:
    if not result.check_assignment(result._topic_partition) or not result.has_more():  # noqa: SLF001
        return None
    parsed = result._partition_records  # noqa: SLF001
    position, taken, taken_bytes = parsed.next_fetch_offset, [], 0
    for records in _record_batches(parsed):
        taken += records
        taken_bytes += _size_bytes(records)
        if len(taken) >= size.records or taken_bytes >= size.size_bytes:
            break
    if not parsed._records.has_next():  # noqa: SLF001
        result._partition_records = None  # noqa: SLF001
    state = result._assignment.state_value(result._topic_partition)  # noqa: SLF001
    state.consumed_to(parsed.next_fetch_offset)
    if parsed.next_fetch_offset == position:
        return None
    return Batch(taken, position, parsed.next_fetch_offset, taken_bytes)


def _size_bytes(records: list[Record]) -> int:
    """About what keys and values take: every sixteenth is measured, for measuring each costs as much as decoding it."""
    sample = records[::_SAMPLED]
    return (
        sum([len(each.value or b"") + len(each.key or b"") for each in sample]) * len(records) // len(sample)
    )


def _record_batches(parsed: Any) -> Iterator[list[Record]]:
    """The record batches that are left, each as a list; keeps `parsed.next_fetch_offset` true."""
    records = parsed._records  # noqa: SLF001
    while records.has_next():
        raw = records.next_batch()
        if parsed._check_crcs and not raw.validate_crc():  # noqa: SLF001
            raise CorruptRecordException(f"Invalid CRC - {parsed._tp}")  # noqa: SLF001
        if not _is_visible(parsed, raw):
            parsed.next_fetch_offset = raw.next_offset
            continue
        wanted_from = parsed.next_fetch_offset
        found = list(raw)
        if found and found[0].offset < wanted_from:
            found = [each for each in found if each.offset >= wanted_from]
        parsed.next_fetch_offset = raw.next_offset
        if found:
            yield found


def _is_visible(parsed: Any, raw: Any) -> bool:
    """Whether a record batch holds records for a reader: no control batch and, if asked for, no aborted transaction."""
    if parsed._isolation_level == READ_COMMITTED and raw.producer_id is not None:  # noqa: SLF001
        parsed._consume_aborted_up_to(raw.base_offset)  # noqa: SLF001
        if raw.is_control_batch and parsed._contains_abort_marker(raw):  # noqa: SLF001
            parsed._aborted_producers.discard(raw.producer_id)  # noqa: SLF001
        if raw.is_transactional and raw.producer_id in parsed._aborted_producers:  # noqa: SLF001
            return False
    return not raw.is_control_batch
