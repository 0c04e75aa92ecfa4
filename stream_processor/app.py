"""The Faust wiring: topics in, the engine, pages out. Decisions live in `wardstream.scoring`."""

import asyncio
import time
from pathlib import Path
from typing import Any

import faust
from mode.supervisors import CrashingSupervisor

from stream_processor.broker import PATIENCE_S, faust_settings
from stream_processor.engine import Engine
from stream_processor.partition import SOURCES
from stream_processor.settings import ProcessorSettings
from stream_processor.transport import batches
from wardstream.contracts.topics import READINGS
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.health import Health
from wardstream.runtime.metrics import (
    PROCESSOR_BATCH,
    PROCESSOR_BUFFERED_BYTES,
    PROCESSOR_IDLE_S,
    PROCESSOR_LAG,
    PROCESSOR_PEOPLE,
)
from wardstream.scoring.limits import Limits

_BEAT_S = 2.0
_PAGES = ("/live", "/ready", "/metrics")


def build(settings: ProcessorSettings, limits: Limits, health: Health, workdir: Path, port: int) -> faust.App:
    """The app, wired but not started: nothing connects before the worker runs it. Its pages listen on `port`."""
    app = faust.App(
        settings.processor_group,
        datadir=workdir,
        web_bind=settings.health_host,
        web_port=port,
        # An agent that fails must not be restarted behind the record it failed on.
        agent_supervisor=CrashingSupervisor,
        **faust_settings(settings),
    )
    engine = Engine(settings, limits, app.crash)
    _add_engine(app, engine)
    for topic in SOURCES:
        app.agent(batches(app, topic), name=topic)(_agent(app, engine, topic))
    _add_pages(app, health)
    _add_signals(app, health, engine)
    return app


def _add_engine(app: faust.App, engine: Engine) -> None:
    async def start(assigned: set[Any], generation: int) -> None:
        await engine.start({tp.partition for tp in assigned if tp.topic == READINGS.name}, generation)

    transport: Any = app.transport
    transport.before_start = start
    transport.before_release = engine.settle

    @app.task  # type: ignore[untyped-decorator]  # Faust's
    async def checkpoints() -> None:
        await engine.run()

    @app.task  # type: ignore[untyped-decorator]  # Faust's
    async def clock() -> None:
        await engine.keep_time()


def _agent(app: faust.App, engine: Engine, topic: str) -> Any:
    async def take(stream: Any) -> None:
        async for event in stream.noack().events():
            # A batch from before a rebalance: its partition has been started anew at its committed offset.
            if event.message.generation_id != app.consumer_generation_id:
                continue
            if topic == READINGS.name:
                PROCESSOR_BATCH.observe(len(event.value.records))
            engine.take(topic, event)
            await engine.room(event.message.partition)
            await asyncio.sleep(0)

    return take


def _add_pages(app: faust.App, health: Health) -> None:
    async def answer(web: Any, request: Any) -> Any:
        status, content_type, body = health.answer(request.path)
        return web.bytes(body, status=status, headers={"Content-Type": content_type})

    for path in _PAGES:
        app.page(path, name=path)(answer)


def _add_signals(app: faust.App, health: Health, engine: Engine) -> None:
    PROCESSOR_IDLE_S.set_function(lambda: time.monotonic() - engine.last_reading_at_s)

    @app.timer(interval=_BEAT_S)  # type: ignore[untyped-decorator]  # Faust's
    async def beat() -> None:
        health.beat()
        await _end_if_held_up(app)
        PROCESSOR_PEOPLE.set(sum(len(held.partition.people) for held in engine.held.values()))
        _observe_consumer(app.consumer)

    @app.on_partitions_revoked.connect(weak=False)
    async def wait(_app: Any, _revoked: Any, **_: Any) -> None:
        health.not_ready("partitions")

    transport: Any = app.transport
    transport.on_reading = health.ready


async def _end_if_held_up(app: faust.App) -> None:
    """Faust may wait for a rebalance that never comes; whoever starts the process anew has its partitions read on."""
    consumer: Any = app.consumer
    if consumer.held_up_s > PATIENCE_S:
        await app.crash(CannotRun(f"nothing is read of assigned partitions for {PATIENCE_S:g} s"))


def _observe_consumer(consumer: Any) -> None:
    PROCESSOR_BUFFERED_BYTES.set(consumer.buffered_bytes)
    PROCESSOR_LAG.clear()
    for tp, position in consumer.positions.items():
        end = consumer.highwater(tp)
        if tp.topic == READINGS.name and end is not None:
            PROCESSOR_LAG.labels(str(tp.partition)).set(max(0, end - position))
