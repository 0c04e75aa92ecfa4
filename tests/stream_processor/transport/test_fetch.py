"""From fetched bytes to batches."""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import CorruptRecordException

from stream_processor.transport.batch import Batch
from stream_processor.transport.fetch import Size, _batch
from tests.stream_processor.transport.fetches import TP, fetch, marker, record_batch

_ALL = Size(records=10_000, size_bytes=1 << 30)


def _batches(*record_batches: bytes, size: Size = _ALL, **how: Any) -> list[Batch]:
    async def taken() -> list[Batch]:
        result, found = fetch(*record_batches, **how), []
        while result.has_more():
            batch = _batch(result, size)
            if batch is not None:
                found.append(batch)
                assert result._assignment.state_value(TP).position == batch.next_position
        return found

    return asyncio.run(taken())


def _offsets(batch: Batch) -> list[int]:
    return [record.offset for record in batch.records]


@pytest.mark.parametrize("compression", [0, 1, 2, 3, 4], ids=["none", "gzip", "snappy", "lz4", "zstd"])
def test_several_record_batches_of_a_fetch_become_one_batch(compression: int) -> None:
    made = [record_batch(base, 10, compression=compression) for base in (0, 10, 20)]

    (batch,) = _batches(*made, checks=True)

    assert _offsets(batch) == list(range(30))
    assert [record.value for record in batch.records][29] == b"29........"
    assert (batch.position, batch.next_position, batch.size_bytes) == (0, 30, 300)


def test_a_fetch_that_starts_inside_a_record_batch_leaves_out_what_lies_before() -> None:
    (batch,) = _batches(record_batch(0, 10), record_batch(10, 10), position=7)

    assert _offsets(batch) == list(range(7, 20))
    assert batch.position == 7


@pytest.mark.parametrize("size", [Size(15, 1 << 30), Size(10_000, 150)], ids=["records", "bytes"])
def test_a_batch_ends_with_the_record_batch_that_reaches_a_limit(size: Size) -> None:
    made = [record_batch(base, 10) for base in (0, 10, 20)]

    batches = _batches(*made, size=size)

    assert [_offsets(batch) for batch in batches] == [list(range(20)), list(range(20, 30))]
    assert [(batch.position, batch.next_position) for batch in batches] == [(0, 20), (20, 30)]


def test_a_fetch_is_used_up_with_its_last_record_batch_so_that_the_next_one_is_asked_for() -> None:
    async def has_more() -> bool:
        result = fetch(record_batch(0, 10))
        _batch(result, Size(records=5, size_bytes=1 << 30))
        more: bool = result.has_more()
        return more

    assert asyncio.run(has_more()) is False


def test_aborted_transactions_and_control_batches_are_left_out_and_read_past() -> None:
    made = [
        record_batch(0, 5, producer=7),
        record_batch(5, 5, producer=8),
        marker(10, 7, aborts=True),
        record_batch(11, 4, producer=7),
        marker(15, 8, aborts=False),
        marker(16, 7, aborts=False),
    ]

    (batch,) = _batches(*made, aborted=((7, 0),))

    assert _offsets(batch) == [*range(5, 10), *range(11, 15)]
    assert (batch.position, batch.next_position) == (0, 17)


def test_a_fetch_without_a_visible_record_only_moves_on() -> None:
    async def position() -> int:
        result = fetch(record_batch(0, 5, producer=7), marker(5, 7, aborts=True), aborted=((7, 0),))
        batch = _batch(result, _ALL)
        assert batch is not None
        assert (list(batch.records), batch.position, batch.next_position) == ([], 0, 6)
        assert not result.has_more()
        found: int = result._assignment.state_value(TP).position
        return found

    assert asyncio.run(position()) == 6


def test_a_batch_ends_beyond_offsets_that_compaction_took_away() -> None:
    (batch,) = _batches(record_batch(0, 3), record_batch(50, 3))

    assert _offsets(batch) == [0, 1, 2, 50, 51, 52]
    assert batch.next_position == 53


def test_what_was_fetched_before_a_seek_is_not_taken() -> None:
    async def taken() -> Batch | None:
        result = fetch(record_batch(0, 10))
        result._assignment.state_value(TP).seek(3)
        return _batch(result, _ALL)

    assert asyncio.run(taken()) is None


def test_a_damaged_record_batch_is_refused() -> None:
    damaged = bytearray(record_batch(0, 10))
    damaged[-1] ^= 0xFF

    with pytest.raises(CorruptRecordException):
        _batches(bytes(damaged), checks=True)
