"""Bytes that are handed out and not let go."""

import asyncio

from stream_processor.transport.batch import Batch
from stream_processor.transport.buffer import Buffer

_LONG_S = 30.0


def _batch(size_bytes: int) -> Batch:
    return Batch((), 0, 1, size_bytes)


def test_a_batch_counts_until_it_is_released_and_is_released_once() -> None:
    buffer, first, second = Buffer(100), _batch(30), _batch(50)

    buffer.take(first)
    buffer.take(second)
    both = buffer.held_bytes
    first.release()
    first.release()

    assert (both, buffer.held_bytes) == (80, 50)
    assert first.records == ()


def test_what_is_released_after_everything_was_forgotten_does_not_count() -> None:
    buffer, old, new = Buffer(100), _batch(30), _batch(50)

    buffer.take(old)
    buffer.forget()
    buffer.take(new)
    old.release()

    assert buffer.held_bytes == 50


def test_a_full_buffer_has_no_room_in_time() -> None:
    buffer = Buffer(100)
    buffer.take(_batch(100))

    assert asyncio.run(buffer.has_room(0.001)) is False


def test_whoever_waits_for_room_is_woken_by_a_release() -> None:
    async def wait_and_release() -> bool:
        buffer, batches = Buffer(100), [_batch(60), _batch(60), _batch(60)]
        for batch in batches:
            buffer.take(batch)
        waiting = asyncio.create_task(buffer.has_room(_LONG_S))
        for batch in batches[:2]:
            await asyncio.sleep(0)
            assert not waiting.done()
            batch.release()
        return await waiting

    assert asyncio.run(wait_and_release())


def test_whoever_waits_for_room_is_woken_when_everything_is_forgotten() -> None:
    async def wait_and_forget() -> bool:
        buffer = Buffer(100)
        buffer.take(_batch(100))
        waiting = asyncio.create_task(buffer.has_room(_LONG_S))
        await asyncio.sleep(0)
        buffer.forget()
        return await waiting

    assert asyncio.run(wait_and_forget())
