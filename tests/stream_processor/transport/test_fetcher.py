"""What drains the consumer ends quietly when asked to, whatever the group is doing."""

import asyncio
from pathlib import Path
from typing import Any

import faust
import pytest


async def _stopped_while(app: Any, *, rebalancing: bool) -> BaseException | None:
    """Why the fetcher crashed, if it did, when it was stopped while waiting for the consumer to flow."""
    app.rebalancing = rebalancing
    fetcher = app._fetcher
    await fetcher.start()
    # Its task has begun to drain: the consumer is asked what may flow.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await fetcher.stop()
    reason: BaseException | None = fetcher.crash_reason or app.crash_reason
    return reason


@pytest.mark.parametrize("rebalancing", [False, True])
def test_a_fetcher_that_is_stopped_has_not_crashed_also_while_the_group_rebalances(
    tmp_path: Path, *, rebalancing: bool
) -> None:
    async def stopped() -> BaseException | None:
        app = faust.App("leaving", broker="batch://127.0.0.1:1", datadir=tmp_path)
        return await _stopped_while(app, rebalancing=rebalancing)

    assert asyncio.run(stopped()) is None
