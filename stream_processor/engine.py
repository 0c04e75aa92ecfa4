"""The engine: which partitions this worker holds, what goes into them, and when they are written.

Faust asks it three things: to hold partitions before their first batch (`start`), to take batches, and to have
everything written before partitions are given back (`settle`). Beside that it writes what is due (`run`) and keeps the
clock that silence and reminders come from (`keep_time`).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from stream_processor import state_topic
from stream_processor.checkpoint import Held, checkpoint
from stream_processor.ends import Ends, Tide, has_caught_up
from stream_processor.fence import Fence
from stream_processor.flood import Flooded
from stream_processor.native.quiet import quietly
from stream_processor.partition import Partition
from stream_processor.people import People
from stream_processor.restore import Restored, restored
from stream_processor.settings import ProcessorSettings
from stream_processor.tally import count_taken
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.logs import logger
from wardstream.runtime.metrics import PROCESSOR_PEOPLE, PROCESSOR_RESTORE_S
from wardstream.scoring import rows
from wardstream.scoring.limits import Limits
from wardstream.scoring.state import PatientState
from wardstream.scoring.timers import NEVER, next_due_us

_TICK_S = 0.02
_THREADS = 16


class Engine:
    """Holds the partitions of this worker. All methods belong to the event loop; Kafka is spoken to in threads."""

    def __init__(
        self, settings: ProcessorSettings, limits: Limits, crash: Callable[[BaseException], Awaitable[None]]
    ) -> None:
        self._settings = settings
        self._limits = limits
        self._crash = crash
        self._quietly = quietly() if settings.native else None
        self._topic = state_topic.name(settings)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="checkpoint")
        self._timers = settings.timers()
        self._tide = Tide(settings, settings.processor_group)
        self._settled_at_s = time.monotonic() + settings.settle_s
        self._generation = -1
        self._is_broken = False
        self.held: dict[int, Held] = {}
        self.last_reading_at_s = time.monotonic()

    async def start(self, assigned: set[int], generation: int) -> None:
        """Holds exactly `assigned`. Fences are opened before the state is read: nobody else can write it any more.

        What is held already is kept if no generation of the group was missed: nobody else can have held it since.
        """
        if generation != self._generation + 1:
            self.held.clear()
        self._generation = generation
        for number in self.held.keys() - assigned:
            del self.held[number]
        new = sorted(assigned - self.held.keys())
        if new:
            began_s = time.monotonic()
            fences = await self._opened(new)
            found = await self._in_thread(restored, self._settings, self._topic, new)
            self.held |= {number: self._hold(found[number], fences[number]) for number in new}
            PROCESSOR_RESTORE_S.set(time.monotonic() - began_s)
        people = sum(len(each.partition.people) for each in self.held.values())
        PROCESSOR_PEOPLE.set(people)
        is_native = self._quietly is not None
        logger().info(
            "partitions_held", held=sorted(self.held), restored=new, people=people, native=is_native
        )

    async def _opened(self, numbers: list[int]) -> dict[int, Fence]:
        fences = {number: Fence(self._settings, self._topic, number) for number in numbers}
        await asyncio.gather(*(self._in_thread(fence.open) for fence in fences.values()))
        return fences

    def _hold(self, found: Restored, fence: Fence) -> Held:
        people = People(found.rows, self._settings.most_awake, self._encode)
        partition = Partition(
            people,
            found.next_offsets,
            self._limits,
            self._timers,
            has_model=self._settings.scorer == "full",
            quietly=self._quietly,
        )
        return Held(partition, fence)

    def _encode(self, state: PatientState) -> bytes:
        due_us = NEVER if self._timers is None else next_due_us(state, self._timers)
        return rows.encode(state, self._settings.state_version, due_us)

    def take(self, topic: str, event: Any) -> None:
        """Applies a batch; it is acknowledged once written. Never waits, so that nothing comes between batch and state."""
        held = self.held.get(event.message.partition)
        if held is None or self._is_broken:
            return
        batch = event.value
        try:
            taken = held.partition.take(topic, batch.records, batch.position, batch.next_position)
        except (Flooded, rows.UnreadableState) as why:
            self._is_broken = True
            raise CannotRun(str(why)) from why
        except BaseException:
            # Half a batch is applied: it must never be written.
            self._is_broken = True
            raise
        batch.release()
        now_s = time.monotonic()
        if taken.scored:
            self.last_reading_at_s = now_s
        held.took(event, now_s)
        count_taken(topic, taken)

    async def room(self, number: int) -> None:
        """Returns when the partition can take more."""
        held = self.held.get(number)
        if held is not None and held.is_full and not self._is_broken:
            await self._write_all([held])

    async def settle(self) -> None:
        """Writes and acknowledges everything taken so far; ends the process if Kafka doesn't take it."""
        if not self._is_broken:
            await self._write_all(list(self.held.values()))

    async def run(self) -> None:
        """Writes partitions as they fall due, for as long as the worker runs."""
        async with asyncio.TaskGroup() as writing:
            while not self._is_broken:
                # Each for itself: an alarm doesn't wait for another partition's states.
                for held in self._due():
                    writing.create_task(self._write_all([held]))
                await asyncio.sleep(_TICK_S)

    def _due(self) -> list[Held]:
        now_s, interval_s = time.monotonic(), self._settings.checkpoint_interval_s
        idle = (held for held in self.held.values() if not held.writing.locked())
        return [held for held in idle if _is_due(held.due_at_s(interval_s), now_s)]

    async def keep_time(self) -> None:
        """Lets the clock speak every `tick_s`, for as long as the worker runs.

        Only of a partition in which everything that lay in Kafka at that instant has been applied; and not before Kafka has
        answered for `settle_s` without a break, for what the bridge could not write meanwhile comes only then.
        """
        tick_s = self._settings.tick_s
        while tick_s and not self._is_broken:
            await asyncio.sleep(tick_s)
            now_us = time.time_ns() // 1000
            waiting = dict(self.held)
            applied = {number: dict(held.partition.next_offsets) for number, held in waiting.items()}
            ends = await self._in_thread(self._tide.ends, applied)
            if ends is None:
                self._settled_at_s = time.monotonic() + self._settings.settle_s
            elif time.monotonic() >= self._settled_at_s:
                await self._let_speak(waiting, ends, now_us)

    async def _let_speak(self, waiting: dict[int, Held], ends: Ends, now_us: int) -> None:
        patient_until_s = time.monotonic() + self._settings.tick_s
        while waiting and not self._is_broken and time.monotonic() < patient_until_s:
            for number, held in list(waiting.items()):
                if self.held.get(number) is not held or not held.partition.is_any_due(now_us):
                    del waiting[number]
                elif has_caught_up(held.partition.next_offsets, ends[number]):
                    del waiting[number]
                    self._speak(number, held, now_us)
                    # A thousand people looked at take a tenth of a second, and an alarm may wait.
                    await asyncio.sleep(0)
            await asyncio.sleep(_TICK_S)

    def _speak(self, number: int, held: Held, now_us: int) -> None:
        try:
            said = held.partition.tick(now_us)
        except rows.UnreadableState as why:
            self._is_broken = True
            raise CannotRun(str(why)) from why
        if said:
            held.changed(time.monotonic())
            logger().info("clock_spoke", partition=number, at_us=now_us, steps=said)

    async def _write_all(self, held: list[Held]) -> None:
        try:
            await asyncio.gather(*(checkpoint(each, self._threads) for each in held))
        except Exception as fault:  # noqa: BLE001 -- every fault of a checkpoint ends the process
            self._is_broken = True
            await self._crash(fault)

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(work, *arguments))


def _is_due(due_at_s: float | None, now_s: float) -> bool:
    return due_at_s is not None and due_at_s <= now_s
