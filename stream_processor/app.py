"""The Faust wiring: topics in, the scorer, topics out. Decisions live in `wardstream.scoring`."""

from pathlib import Path
from typing import Any

import faust
from mode.supervisors import CrashingSupervisor

from stream_processor.agents import Readings, keep_latest
from stream_processor.broker import faust_settings
from stream_processor.desk import Desk
from stream_processor.outlet import Outlet
from stream_processor.settings import ProcessorSettings
from stream_processor.shelf import Shelf
from stream_processor.standing import MODELS, OWN_LIMITS
from wardstream.contracts import topics
from wardstream.contracts.topics import PARTITIONS, Topic
from wardstream.runtime.health import Health
from wardstream.runtime.metrics import PROCESSOR_LIMITS, PROCESSOR_MODELS
from wardstream.scoring.limits import Limits

_BEAT_S = 5.0
# Small and short-lived segments let Kafka compact soon: Faust reads about a thousand rows a second when a worker takes
# over, and what is not yet compacted is one row per reading.
_STATE_TOPIC = {
    "segment.bytes": str(1024 * 1024),
    "segment.ms": "30000",
    "min.cleanable.dirty.ratio": "0.2",
}
_PAGES = ("/live", "/ready", "/metrics")


def build(settings: ProcessorSettings, limits: Limits, health: Health, workdir: Path, port: int) -> faust.App:
    """The app, wired but not started: nothing connects before the worker runs it. Its pages listen on `port`."""
    app = faust.App(
        settings.processor_group,
        datadir=workdir,
        store="memory://",
        web_bind=settings.health_host,
        web_port=port,
        # An agent that fails must not be restarted behind the record it failed on.
        agent_supervisor=CrashingSupervisor,
        **faust_settings(settings),
    )
    _add_agents(app, limits)
    _add_pages(app, health)
    _add_signals(app, health)
    return app


def _add_agents(app: faust.App, limits: Limits) -> None:
    states, models, own_limits = _shelf(app, "states"), _shelf(app, "models"), _shelf(app, "limits")
    readings = Readings(Desk(Outlet(app).say, states.write, app.crash), states, models, own_limits, limits)
    app.agent(_topic(app, topics.READINGS), name="readings")(readings.run)
    app.agent(_topic(app, topics.USER_MODELS), name="user_models")(
        keep_latest(models, MODELS, PROCESSOR_MODELS)
    )
    app.agent(_topic(app, topics.ALARM_ACTIONS), name="alarm_actions")(
        keep_latest(own_limits, OWN_LIMITS, PROCESSOR_LIMITS)
    )


def _topic(app: faust.App, named: Topic) -> Any:
    """A provisioned topic whose keys and values stay bytes: `contracts.wire` reads and writes them."""
    return app.topic(named.name, key_type=bytes, value_type=bytes, partitions=named.partitions)


def _shelf(app: faust.App, name: str) -> Shelf:
    # One table per writer: two agents changing one row would overwrite each other's half.
    table = app.Table(
        name, key_type=bytes, value_type=bytes, partitions=PARTITIONS, extra_topic_configs=_STATE_TOPIC
    )
    return Shelf(app, table)


def _add_pages(app: faust.App, health: Health) -> None:
    async def answer(web: Any, request: Any) -> Any:
        status, content_type, body = health.answer(request.path)
        return web.bytes(body, status=status, headers={"Content-Type": content_type})

    for path in _PAGES:
        app.page(path, name=path)(answer)


def _add_signals(app: faust.App, health: Health) -> None:
    @app.timer(interval=_BEAT_S)  # type: ignore[untyped-decorator]  # Faust's
    async def beat() -> None:
        health.beat()

    @app.on_partitions_revoked.connect(weak=False)
    async def wait(_app: Any, _revoked: Any, **_: Any) -> None:
        health.not_ready("partitions")

    @app.on_rebalance_complete.connect(weak=False)
    async def ready(_app: Any, **_: Any) -> None:
        health.ready()
