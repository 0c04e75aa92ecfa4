"""What a supervisor left behind that did not get to tidy up."""

from pathlib import Path

import psutil

from wardstream.local.state import Process, State

# How far two looks at one process' start may differ.
_SAME_START_S = 2.0
_GONE_TIMEOUT_S = 10.0


def known(name: str, pid: int, leaves: tuple[Path, ...] = (), health_port: int | None = None) -> Process:
    """The running process as `sweep` will recognise it."""
    started_s = psutil.Process(pid).create_time()
    return Process(
        name=name,
        pid=pid,
        started_s=started_s,
        leaves=tuple(str(path) for path in leaves),
        health_port=health_port,
    )


def find(process: Process) -> psutil.Process | None:
    """The process itself if it still runs; None when it is gone or its pid is another's now."""
    try:
        found = psutil.Process(process.pid)
        same = abs(found.create_time() - process.started_s) < _SAME_START_S
        alive = found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return found if same and alive else None


def sweep(state: State) -> None:
    """Kills what still runs of `state` and removes what it would have removed. Only for who holds the lock."""
    running = [found for process in state.processes if (found := find(process))]
    for process in running:
        process.kill()
    psutil.wait_procs(running, timeout=_GONE_TIMEOUT_S)
    for path in [Path(path) for process in state.processes for path in process.leaves]:
        path.unlink(missing_ok=True)
