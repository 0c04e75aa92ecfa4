"""The desk: what was scored waits here until Kafka has it; then, and only then, the reading is acknowledged."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from stream_processor.shelf import Row
from stream_processor.tally import count
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.anomaly import Anomaly
from wardstream.contracts.rejected import Rejected

# Enough to share two round trips among many readings, few enough to bound what a crash has to score again.
_MOST_HELD = 500
# A group gathers this long: at a thousand readings a second fifty of them share the round trips.
_GATHERING_S = 0.05

Output = Anomaly | Alarm | Rejected


class Receipt(Protocol):
    """A record of `readings` that can be acknowledged: a Faust event."""

    def ack(self) -> bool:
        """Marks the record as done: its offset may be committed."""


@dataclass(slots=True)
class Held:
    """Scored, and not yet durable. Of one person only the newest row counts."""

    receipts: list[Receipt] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    rows: dict[bytes, Row] = field(default_factory=dict)
    repeated: int = 0


class Desk:
    """Group commit in the order that loses nothing: outputs, then state, then acknowledgement.

    A crash before the state is written repeats the outputs with the same ids; a crash after it finds the readings
    known. State that ran ahead of its alarms would lose them, so it never does.

    `say` and `keep` return once all in-sync replicas have what they were given, or raise; `crash` ends the process.
    """

    def __init__(
        self,
        say: Callable[[list[Output]], Awaitable[None]],
        keep: Callable[[list[Row]], Awaitable[None]],
        crash: Callable[[Exception], Awaitable[None]],
    ) -> None:
        self._say = say
        self._keep = keep
        self._crash = crash
        self._held = Held()
        self._settling: asyncio.Task[None] | None = None
        self._is_broken = False

    def hold(self, receipt: Receipt, outputs: list[Output], row: Row | None) -> None:
        """Takes one scored reading (`row` None: it changed no state). Never waits, so nothing comes between it and the scoring."""
        if self._is_broken:
            # The process is ending; an acknowledgement now could carry the commit past what was lost.
            return
        self._held.receipts.append(receipt)
        self._held.outputs += outputs
        if row is not None:
            self._held.rows[row.key] = row
        if self._settling is None or self._settling.done():
            self._settling = asyncio.get_running_loop().create_task(self._settle_all())

    async def room(self) -> None:
        """Returns when the desk can hold more."""
        if len(self._held.receipts) >= _MOST_HELD:
            await self.settled()

    async def settled(self) -> None:
        """Returns when nothing is held any more, or the process is ending."""
        if self._settling is not None:
            await asyncio.wait([self._settling])

    async def _settle_all(self) -> None:
        try:
            while self._held.receipts:
                await asyncio.sleep(_GATHERING_S)
                group, self._held = self._held, Held()
                await self._settle(group)
        except Exception as failure:  # noqa: BLE001 -- whatever it is, nothing after it may be acknowledged
            self._is_broken = True
            await self._crash(failure)

    async def _settle(self, group: Held) -> None:
        await self._say(group.outputs)
        await self._keep(list(group.rows.values()))
        for receipt in group.receipts:
            receipt.ack()
        count(group.outputs)
