"""`wardstream up`, `status` and `down`: one detached supervisor per folder, found again by its lock."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from wardstream.local import leftovers, state
from wardstream.local.state import State
from wardstream.local.supervisor import EX_TEMPFAIL
from wardstream.runtime.failure import CannotRun

_UP_TIMEOUT_S = 240.0
_DOWN_TIMEOUT_S = 60.0
_POLL_S = 0.1


def status(folder: Path) -> State | None:
    """What runs below `folder` now; None when nothing does."""
    pid = state.holder(folder)
    now = state.load(folder)
    # Between taking the lock and writing its own, a supervisor's state file is its predecessor's.
    return now if pid and now and now.supervisor == pid else None


def last_fault(folder: Path) -> str:
    """Why the last run ended by itself; empty when it was asked to."""
    now = state.load(folder)
    return now.fault if now and state.holder(folder) is None else ""


def up(folder: Path, services: tuple[str, ...]) -> tuple[State, bool]:
    """Makes sure that servers and `services` run below `folder`; (their state, whether this call started them).

    What already runs is taken as it is. Raises `CannotRun` when they don't get ready; then nothing runs. Ctrl-C
    stops what this call started.
    """
    if state.holder(folder) is not None:
        return _wait_until_ready(folder, None), False
    launched = _launch(folder, services)
    try:
        return _wait_until_ready(folder, launched), launched.poll() is None
    except BaseException:
        _leave(launched)
        raise


def _launch(folder: Path, services: tuple[str, ...]) -> subprocess.Popen[bytes]:
    log = folder / "logs" / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        return subprocess.Popen(  # noqa: S603 -- the arguments are ours
            [sys.executable, "-m", "wardstream.local.supervisor", str(folder.resolve()), *services],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            # Its own session: it outlives this terminal, and Ctrl-C here reaches us only.
            start_new_session=True,
        )


def _wait_until_ready(folder: Path, launched: subprocess.Popen[bytes] | None) -> State:
    deadline = time.monotonic() + _UP_TIMEOUT_S
    while time.monotonic() < deadline:
        now = status(folder)
        if now and now.phase == "ready":
            return now
        ended = launched and launched.poll()
        # 75: another `up` was first; then it is that one's supervisor that gets ready.
        if ended not in (None, EX_TEMPFAIL) or (
            now is None and state.holder(folder) is None and not launched
        ):
            raise CannotRun(_why(folder))
        time.sleep(_POLL_S)
    raise CannotRun(f"not ready within {_UP_TIMEOUT_S:g} s: see {folder / 'logs'}")


def _why(folder: Path) -> str:
    return last_fault(folder) or f"the supervisor ended: see {folder / 'logs' / 'supervisor.log'}"


def _leave(supervisor: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        supervisor.terminate()
    try:
        supervisor.wait(_DOWN_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()


def down(folder: Path) -> bool:
    """Stops what runs below `folder` and waits until it is gone, a crashed supervisor's leftovers included.

    Returns whether a supervisor ran. Data stays.
    """
    pid = state.holder(folder)
    if pid:
        _stop(folder, pid)
    if state.load(folder) is not None:
        _tidy(folder)
    return pid is not None


def _stop(folder: Path, pid: int) -> None:
    try:
        supervisor = leftovers.known("supervisor", pid)
    except psutil.NoSuchProcess:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + _DOWN_TIMEOUT_S
        while leftovers.find(supervisor) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
    if leftovers.find(supervisor):
        raise CannotRun(f"the supervisor (pid {pid}) of {folder} does not end")


def _tidy(folder: Path) -> None:
    with state.held(folder) as mine:
        left = state.load(folder)
        if mine and left is not None:
            leftovers.sweep(left)
            state.forget(folder)
