"""The consumer: batches in order, no gap, a bounded number of bytes, and offsets that never run ahead of the work."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from typing import Any

from aiokafka.errors import IllegalStateError
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP, ConsumerMessage

from stream_processor.transport.batch import Batch
from stream_processor.transport.buffer import Buffer
from stream_processor.transport.message import BatchMessage
from stream_processor.transport.offsets import Delivered
from stream_processor.transport.thread import BatchConsumerThread

# How long a rebalance or a shutdown waits for events in work, if nobody settles them by `Transport.before_release`.
_PATIENCE_S = 5.0
_FETCH_S = 1.0


class BatchConsumer(Consumer):
    """Faust's aiokafka consumer with batches for messages; a message's offset is its batch's last position before the next.

    Promises, each held by a test: a partition's batches come in offset order without gap or overlap, whatever
    rebalances and seeks come between; the committed offset is that of the first batch not acknowledged; no more than
    `Transport.buffer_bytes` of records, and one fetch, wait in memory; aborted transactions are not seen.
    """

    transport: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._delivered: dict[TP, Delivered] = {}
        self._buffer = Buffer(self.transport.buffer_bytes)
        # Of the assignment whose positions are known; its batches alone are handed out.
        self._generation: int | None = None
        # When partitions were assigned whose batches are not handed out yet.
        self._assigned_at_s: float | None = None

    @property
    def buffered_bytes(self) -> int:
        """What batches hold that are handed out and not released."""
        return self._buffer.held_bytes

    def _new_consumer_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    # Taking batches in.

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109 -- Faust's signature
        if not await self._buffer.has_room(timeout):
            return {}
        return await super()._getmany(active_partitions, timeout)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109 -- Faust's signature
        """Hands out what one fetch returned; what comes too late for a rebalance is fetched again after it."""
        records, _ = await self._wait_next_records(timeout)
        for tp, batch in self.scheduler.iterate(records or {}):
            if self.should_stop or not self._may_hand_out():
                return
            if not self._take(tp, batch):
                await self._read_on(tp)
                continue
            if not batch.records:
                continue
            self.app.monitor.track_tp_end_offset(tp, self.highwater(tp))
            yield tp, self._to_message(tp, batch)

    async def _drain_messages(self, fetcher: Any) -> None:
        """Hands batches to the agents' queues for as long as `fetcher` runs.

        Faust races each message against a rebalance, in tasks that take several turns of the loop; meanwhile an agent
        runs out of work. Here nothing is waited for between `_may_hand_out` and the queue, so nothing can come between.
        """
        try:
            while not (self.should_stop or fetcher.should_stop):
                await asyncio.sleep(0)
                async for _, message in self.getmany(timeout=_FETCH_S):
                    await self.callback(message)
        except self.consumer_stopped_errors:
            if not self.app.should_stop:
                raise

    @property
    def is_reading(self) -> bool:
        """Whether batches are handed out: Faust tells that a rebalance is complete before it knows where to read on."""
        return self.flow_active and (not self.assignment() or self._may_hand_out())

    @property
    def held_up_s(self) -> float:
        """For how long partitions have been assigned, and restored, of which nothing is handed out."""
        if self._assigned_at_s is None or self.is_reading:
            return 0.0
        return self.loop.time() - self._assigned_at_s

    def resume_flow(self) -> None:
        """Batches are handed out from here on."""
        super().resume_flow()
        if self.transport.on_reading is not None and self.is_reading:
            self.transport.on_reading()

    def _may_hand_out(self) -> bool:
        return self.flow_active and self.app.consumer_generation_id == self._generation

    def _take(self, tp: TP, batch: Batch) -> bool:
        delivered = self._delivered.get(tp)
        if delivered is None:
            return False
        if not batch.records:
            return delivered.skip(batch.position, batch.next_position)
        if not delivered.deliver(batch.position, batch.next_position):
            return False
        self._buffer.take(batch)
        return True

    async def _read_on(self, tp: TP) -> None:
        """After a batch that doesn't begin where the last one ended: goes back there, or on if that place is gone."""
        delivered = self._delivered.get(tp)
        if delivered is None:
            return
        # Raised if the partition was given back in between.
        with suppress(IllegalStateError):
            first = (await self.earliest_offsets(tp))[tp]
            end = (await self.highwaters(tp))[tp]
            if not first <= delivered.position <= end:
                # Deleted before it was read, or a topic made anew.
                delivered = self._begin(tp, first)
            await self.seek_wait({tp: delivered.position})

    def _begin(self, tp: TP, position: int) -> Delivered:
        began = self._delivered[tp] = Delivered(position)
        self._read_offset[tp] = position or None
        self._committed_offset[tp] = position
        return began

    def _to_message(self, tp: TP, batch: Batch) -> ConsumerMessage:
        last = batch.records[-1]
        message = BatchMessage(
            tp.topic,
            tp.partition,
            batch.next_position - 1,
            last.timestamp / 1000.0,
            0,
            [],
            None,
            batch,  # type: ignore[arg-type]  # a message's value is bytes elsewhere
            None,
            tp=tp,
            generation_id=self._generation,
        )
        message.settled = self._settle
        return message

    async def perform_seek(self) -> None:
        """Starts every assigned partition anew at its committed offset: what was handed out before is void.

        `IllegalStateError` (Faust waits for the next assignment then) if another rebalance came in between.
        """
        generation = self.app.consumer_generation_id
        await self.seek_to_committed()
        positions = {tp: await self.position(tp) or 0 for tp in self.assignment()}
        if generation != self.app.consumer_generation_id:
            raise IllegalStateError("another rebalance has begun")
        self._buffer.forget()
        self._delivered.clear()
        for tp, position in positions.items():
            self._begin(tp, position)
        self._generation = generation

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Nothing: batches know where they begin and end."""

    # Acknowledging and committing.

    def ack(self, message: Any) -> bool:
        """Marks a batch as done. One from before a rebalance changes nothing."""
        if message.acked:
            return False
        message.acked = True
        return True

    def _settle(self, message: BatchMessage) -> None:
        self._unacked_messages.discard(message)
        batch: Any = message.value
        batch.release()
        delivered = self._delivered.get(message.tp)
        # While a rebalance begins, Faust acknowledges what it throws away before an agent has seen it.
        was_seen = message.tracked
        if delivered is not None and was_seen and message.generation_id == self.app.consumer_generation_id:
            delivered.acknowledge(message.offset + 1)

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return (tp for tp in self._delivered if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        # Faust's compiled streams write here what nobody reads.
        self._acked.pop(tp, None)
        self._acked_index.pop(tp, None)
        delivered = self._delivered.get(tp)
        return delivered.committable if delivered else None

    async def commit_now(self) -> bool:
        """Commits what is acknowledged at this moment; Faust's `commit` does nothing while another commit is under way."""
        await self.maybe_wait_for_commit_to_finish()
        committed: bool = await self.force_commit()
        return committed

    async def wait_empty(self) -> None:
        """Before partitions are given back, and before the end: lets the work settle, then commits what is acknowledged.

        After a crash nothing is settled and nothing committed.
        """
        if self.app.crashed:
            return
        if self.transport.before_release is not None:
            await self.transport.before_release()
        else:
            await self._work_done()
        await self.commit_now()

    async def _work_done(self) -> None:
        deadline = self.loop.time() + _PATIENCE_S
        while self._unacked_messages and not self.should_stop and self.loop.time() < deadline:
            await asyncio.sleep(0.05)
            self._clean_unacked_messages()

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Nothing is handed out before `Transport.before_start` has returned."""
        # The last assignment's restart may have let it flow again although this one has begun.
        self.stop_flow()
        self._delivered.clear()
        self._assigned_at_s = None
        if self.transport.before_start is not None:
            try:
                await self.transport.before_start(set(assigned), generation_id)
            except Exception as fault:  # noqa: BLE001 -- aiokafka would log it and leave the worker idle
                await self.app.crash(fault)
                return
        await super().on_partitions_assigned(assigned, generation_id)
        self._assigned_at_s = self.loop.time()

    @property
    def positions(self) -> Mapping[TP, int]:
        """Where each assigned partition is read on."""
        return {tp: delivered.position for tp, delivered in self._delivered.items()}
