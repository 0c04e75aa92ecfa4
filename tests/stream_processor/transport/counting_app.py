"""A Faust app as another project would write it: says in a file which records it has handled. Run by path."""

import asyncio
import json
import os
from collections.abc import AsyncIterable
from pathlib import Path
from typing import Any

import faust
from mode.supervisors import CrashingSupervisor

from stream_processor.transport import batches
from stream_processor.transport.fetch import Size

_BEAT_S = 0.05
_SAYS = Path(os.environ["SAYS"])

app = faust.App(
    os.environ["GROUP"],
    broker=f"batch://{os.environ['KAFKA_BOOTSTRAP']}",
    datadir=os.environ["TMPDIR"],
    topic_disable_leader=True,
    stream_recovery_delay=0,
    consumer_auto_offset_reset="earliest",
    broker_session_timeout=6.0,
    broker_heartbeat_interval=0.2,
    broker_commit_interval=float(os.environ.get("COMMIT_INTERVAL_S", "0.2")),
    consumer_max_fetch_size=int(os.environ.get("FETCH_BYTES", "1000000")),
    agent_supervisor=CrashingSupervisor,
)
transport: Any = app.transport
transport.buffer_bytes = int(os.environ.get("BUFFER_BYTES", str(32 << 20)))
transport.batch_size = Size(int(os.environ.get("BATCH_RECORDS", "5000")), 4 << 20)


async def restore(_assigned: Any, _generation: int) -> None:
    """Takes as long as it is told to."""
    await asyncio.sleep(float(os.environ["RESTORES_FOR_S"]))


if "RESTORES_FOR_S" in os.environ:
    transport.before_start = restore


def say(**what: Any) -> None:
    """Adds a line; whole even if we are killed now."""
    with _SAYS.open("ab", buffering=0) as out:
        out.write(json.dumps(what).encode() + b"\n")


def _is_held_up() -> bool:
    gate = os.environ.get("GATE")
    return gate is not None and not Path(gate).exists()


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def handle(event: Any) -> None:
    """Waits as it is told to, then says what it has handled."""
    while _is_held_up():  # noqa: ASYNC110 -- another process opens the gate
        await asyncio.sleep(_BEAT_S)
    await asyncio.sleep(float(os.environ.get("PACE_S", "0")))
    tp, batch = event.message.tp, event.value
    if os.environ.get("FAILS_AT") in [str(record.offset) for record in batch.records]:
        raise RuntimeError("as told")
    say(
        generation=event.message.generation_id,
        topic=tp.topic,
        partition=tp.partition,
        offsets=[record.offset for record in batch.records],
    )


async def by_hand(stream: Any) -> None:
    """Acknowledges each batch once it is handled, but the first one of each partition if told so."""
    left_open = set()
    async for event in stream.noack().events():
        await handle(event)
        if "LEAVES_FIRST_OPEN" in os.environ and event.message.tp not in left_open:
            left_open.add(event.message.tp)
            continue
        event.ack()


async def by_stream(stream: Any) -> None:
    """Leaves acknowledging to Faust's stream."""
    events: AsyncIterable[Any] = stream.events()
    async for event in events:
        await handle(event)


for name in os.environ["TOPICS"].split(","):
    app.agent(batches(app, name), name=name)(by_stream if "BY_STREAM" in os.environ else by_hand)


@app.on_rebalance_complete.connect(weak=False)
async def assigned(_app: Any, **_: Any) -> None:
    """Says what it holds."""
    say(assigned=sorted([tp.topic, tp.partition] for tp in app.consumer.assignment()))


@app.timer(interval=_BEAT_S)  # type: ignore[untyped-decorator]  # Faust's
async def beat() -> None:
    """Says what it takes."""
    if "MEASURES" in os.environ:
        consumer: Any = app.consumer
        say(buffered_bytes=consumer.buffered_bytes, resident_bytes=_resident_bytes())


if __name__ == "__main__":
    app.main()
