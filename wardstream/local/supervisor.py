"""The process behind `wardstream up`: starts servers and services, watches them, stops them when asked.

Usage: python -m wardstream.local.supervisor FOLDER [SERVICE ...]
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from wardstream.local import identity, leftovers, services, state
from wardstream.local.addresses import Addresses
from wardstream.local.children import stop_all
from wardstream.local.journal import Journal
from wardstream.local.keeper import Keeper
from wardstream.local.servers import Running, running_servers
from wardstream.runtime import logs
from wardstream.runtime.failure import CannotRun

# sysexits.h: try again later. Here: another supervisor has the folder.
EX_TEMPFAIL = 75
_WATCH_S = 0.5
_READY_TIMEOUT_S = 60.0
# Whom the simulator speaks for unless told otherwise; more by `wardstream certs issue`.
DEVICES = tuple(f"device_{number}" for number in range(100))


def supervise(folder: Path, modules: tuple[str, ...]) -> int:
    """Runs servers and `modules` until a signal comes; the exit code: 0 asked to leave, 1 a fault, 75 already running.

    A server that ends by itself ends everything; a service is started again.
    """
    with state.held(folder) as mine:
        if not mine:
            return EX_TEMPFAIL
        left = state.load(folder)
        if left is not None:
            leftovers.sweep(left)
        journal = Journal(folder, os.getpid())
        try:
            _run(folder, modules, journal)
        except KeyboardInterrupt:
            state.forget(folder)
            return 0
        except CannotRun as fault:
            journal.note(phase="failed", processes=(), fault=str(fault))
            logs.logger().error("cannot_run", reason=str(fault))
            return 1


def _run(folder: Path, modules: tuple[str, ...], journal: Journal) -> NoReturn:
    # With the data, so that one `up` knows nothing of another's devices.
    certs = identity.prepared(folder / "certs", DEVICES)
    with running_servers(folder, journal.started, certs=certs) as running:
        if modules:
            services.provision(running.addresses, folder)
        with _kept(folder, modules, running.addresses, journal) as keepers:
            journal.note(phase="ready", addresses=running.addresses)
            logs.logger().info("ready")
            _watch(running, keepers)


@contextmanager
def _kept(
    folder: Path, modules: tuple[str, ...], addresses: Addresses, journal: Journal
) -> Iterator[list[Keeper]]:
    keepers: list[Keeper] = []
    try:
        for module in modules:
            service = services.service(module, addresses, folder)
            keepers.append(Keeper(service, journal.started, time.monotonic()))
        for keeper in keepers:
            keeper.wait_until_ready(_READY_TIMEOUT_S)
        yield keepers
    finally:
        stop_all(keeper.child for keeper in reversed(keepers))


def _watch(running: Running, keepers: list[Keeper]) -> NoReturn:
    while True:
        for server in running.children:
            if server.exit_code is not None:
                raise CannotRun(server.obituary())
        for keeper in keepers:
            keeper.look(time.monotonic())
        time.sleep(_WATCH_S)


def _asked(_number: int, _frame: FrameType | None) -> NoReturn:
    # Once: a second signal would interrupt the stopping, which is bounded anyway.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _asked)
    signal.signal(signal.SIGINT, _asked)
    logs.configure("supervisor", "info")
    sys.exit(supervise(Path(sys.argv[1]), tuple(sys.argv[2:])))
