"""One Faust worker in this process: its logs, its signals, its end."""

import gc
import logging
import os
import signal
import socket
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import faust

from stream_processor import state_topic
from stream_processor.app import build
from stream_processor.limits_file import limits_from
from stream_processor.settings import ProcessorSettings
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.health import Health
from wardstream.runtime.logs import logger
from wardstream.runtime.shutdown import GRACE_S, Shutdown

_NEVER = logging.CRITICAL + 1
_GARBAGE = (100_000, 20, 100)
# Faust's warnings print the messages they are about, with people's values in them. What fails reaches us as exceptions.
_TALKATIVE = {
    "faust": logging.ERROR,
    "mode": logging.ERROR,
    "aiokafka": logging.ERROR,
    "faust.topics": logging.CRITICAL,
    # How it ended is told once, by us.
    "faust.app.base": _NEVER,
    "faust.worker": _NEVER,
}


def run(settings: ProcessorSettings, asked: Shutdown) -> None:
    """Runs until asked to leave; returns then. `CannotRun` if the world isn't as it must be."""
    limits = limits_from(settings.limits_file)
    state_topic.require(settings)
    _quieten()
    port = settings.health_port or _free_port(settings.health_host)
    with tempfile.TemporaryDirectory(prefix="stream_processor-") as scratch:
        app = build(settings, limits, Health(), settings.datadir or Path(scratch), port)
        logger().info("health_listening", host=settings.health_host, port=port)
        worker = PunctualWorker(app, asked, quiet=True, override_logging=False, redirect_stdouts=False)
        _calm_the_collector()
        # It draws on the terminal even when quiet.
        worker.spinner = None
        if not asked.requested:
            _execute(worker)


class PunctualWorker(faust.Worker):
    """A worker that leaves in time even if Kafka doesn't answer: Faust would wait for it without end.

    Asked to leave or crashed: one that was fenced can't commit, and would try for ever.
    """

    def __init__(self, app: faust.App, asked: Shutdown, **options: Any) -> None:
        super().__init__(app, **options)
        self._asked = asked

    def _install_signal_handlers_unix(self) -> None:
        # Instead of asyncio's: those go with the loop, and a signal between that and the end of the process would kill it.
        self._asked.tell(self._hear)
        self.loop.add_signal_handler(signal.SIGUSR1, self._on_sigusr1)

    def _hear(self) -> None:
        # A worker that crashed may have closed its loop already; then it is leaving anyway.
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._schedule_shutdown, signal.SIGTERM)

    def _schedule_shutdown(self, number: signal.Signals) -> None:
        self._grow_impatient()
        super()._schedule_shutdown(number)

    def _crash(self, reason: BaseException) -> None:
        self._grow_impatient()
        super()._crash(reason)

    def _grow_impatient(self) -> None:
        impatience = threading.Timer(GRACE_S, _leave_unfinished, [self])
        impatience.daemon = True
        impatience.start()


def _leave_unfinished(worker: faust.Worker) -> None:
    # What is not committed will be scored again by whoever comes next, with the same ids: as after a crash.
    if worker.crash_reason:
        _tell(worker.crash_reason)
    logger().error("left_unfinished", after_s=GRACE_S)
    os._exit(1)


def _tell(reason: BaseException) -> None:
    if isinstance(reason, CannotRun):
        logger().error("cannot_run", reason=str(reason))
    else:
        logger().error("crashed", exc_info=reason)


def _execute(worker: faust.Worker) -> None:
    try:
        worker.execute_from_commandline()
    except SystemExit as end:
        if isinstance(worker.crash_reason, CannotRun):
            raise worker.crash_reason from None
        if end.code:
            if worker.crash_reason:
                _tell(worker.crash_reason)
            raise


def _calm_the_collector() -> None:
    # Scoring makes no cycles (states and readings are not even tracked): looking for some every 700 objects took a fifth of
    # its time.
    gc.freeze()
    gc.set_threshold(*_GARBAGE)


def _quieten() -> None:
    for name, level in _TALKATIVE.items():
        logging.getLogger(name).setLevel(level)


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as probe:
        port: int = probe.getsockname()[1]
    return port
