"""Checkpoints: a partition's states, what they said and how far they have come, written as one; then acknowledged."""

import asyncio
import time
from concurrent.futures import Executor
from typing import Protocol

from stream_processor.fence import Fence
from stream_processor.outputs import letter
from stream_processor.pace import Waiting, due_at_s
from stream_processor.partition import Partition, Snapshot
from stream_processor.tally import count
from wardstream.runtime.metrics import PROCESSOR_CHECKPOINT_ROWS, PROCESSOR_CHECKPOINT_S
from wardstream.scoring import progress

# Beyond this a partition is written at once, and at twice as much it takes no more until it is: somebody awake takes about
# 8 kB, so what is held and not yet written must stay bounded.
MOST_HELD = 5_000


class Receipt(Protocol):
    """A batch that can be acknowledged: a Faust event."""

    def ack(self) -> bool:
        """Marks the batch as done: its offsets may be committed."""


class Held:
    """A partition this worker holds: what is in memory, the right to write it, and the batches not yet acknowledged."""

    def __init__(self, partition: Partition, fence: Fence) -> None:
        self.partition = partition
        self.fence = fence
        self.receipts: list[Receipt] = []
        self.waiting = Waiting(None, None, 0.0, 0.0)
        self.writing = asyncio.Lock()

    def took(self, receipt: Receipt, now_s: float) -> None:
        """A batch was applied: it is acknowledged after the next checkpoint."""
        self.receipts.append(receipt)
        self.changed(now_s)

    def changed(self, now_s: float) -> None:
        """There may be something to write."""
        waiting = self.waiting
        self.waiting = waiting._replace(
            changed_at_s=now_s if waiting.changed_at_s is None else waiting.changed_at_s,
            alarm_at_s=now_s
            if waiting.alarm_at_s is None and self.partition.alarms_held
            else waiting.alarm_at_s,
        )

    def due_at_s(self, interval_s: float) -> float | None:
        """When the next checkpoint is due; None if there is nothing to write."""
        return due_at_s(self.waiting, interval_s, most_held=self._held >= MOST_HELD)

    @property
    def is_full(self) -> bool:
        """Whether no more should be taken before the next checkpoint is through."""
        return self._held >= 2 * MOST_HELD

    @property
    def _held(self) -> int:
        return len(self.partition.people.changed) + len(self.partition.outputs)


async def checkpoint(held: Held, threads: Executor) -> None:
    """Writes what `held` has changed, then acknowledges its batches; raises if Kafka doesn't take it, and then neither.

    Safe against cancellation: once begun it runs to its end. Readings taken meanwhile belong to the next checkpoint.
    """
    await asyncio.shield(_checkpoint(held, threads))


async def _checkpoint(held: Held, threads: Executor) -> None:
    async with held.writing:
        began_s = time.monotonic()
        receipts, held.receipts = held.receipts, []
        snapshot = held.partition.snapshot()
        held.waiting = held.waiting._replace(changed_at_s=None, alarm_at_s=None)
        if receipts or snapshot.rows or snapshot.outputs:
            await asyncio.get_running_loop().run_in_executor(threads, _write, held.fence, snapshot)
        ended_s = time.monotonic()
        held.waiting = held.waiting._replace(last_ended_at_s=ended_s, last_took_s=ended_s - began_s)
        for receipt in receipts:
            receipt.ack()
        held.partition.people.rest()
        count(snapshot.outputs)
        PROCESSOR_CHECKPOINT_S.observe(ended_s - began_s)
        PROCESSOR_CHECKPOINT_ROWS.inc(len(snapshot.rows))


def _write(fence: Fence, snapshot: Snapshot) -> None:
    rows = [*snapshot.rows, (progress.KEY, progress.encode(snapshot.next_offsets))]
    fence.write(rows, list(map(letter, snapshot.outputs)))
