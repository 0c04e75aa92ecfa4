"""The service that drains the consumer, and ends quietly when it is asked to."""

import asyncio
from typing import Any

from faust.transport.consumer import Fetcher
from mode import Service


class BatchFetcher(Fetcher):
    """Faust's fetcher, but leaving while the group rebalances is leaving.

    Faust takes every cancellation during a rebalance for one by the rebalance and crashes; a worker told to stop in
    that moment would write and commit all it should, and then end as if it had failed.
    """

    @Service.task
    async def _fetcher(self) -> None:
        consumer: Any = self.app.consumer
        try:
            await consumer._drain_messages(self)  # noqa: SLF001
        except asyncio.CancelledError as why:
            if not (self.should_stop or self.app.should_stop):
                # Nobody would start it again: it must not end unnoticed.
                await self.crash(why)
            raise
        finally:
            self.set_shutdown()
