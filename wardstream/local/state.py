"""What a supervisor tells others of itself: a lock that it holds while it lives, and a file that says what runs."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from wardstream.local.addresses import Addresses

_POLL_S = 0.05


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """A process to be found again. Pids are used again; a pid together with its start (epoch seconds) isn't."""

    name: str
    pid: int
    started_s: float
    leaves: tuple[str, ...] = ()
    health_port: int | None = None


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What runs below one folder. `addresses` are set once the servers answer; `fault` says why it ended by itself."""

    supervisor: int
    phase: Literal["starting", "ready", "failed"] = "starting"
    processes: tuple[Process, ...] = ()
    addresses: Addresses | None = None
    fault: str = ""


def save(folder: Path, state: State) -> None:
    """Replaces the state at once: a reader sees the old or the new one."""
    partial = folder / "state.json.partial"
    partial.write_bytes(msgspec.json.encode(state))
    partial.rename(folder / "state.json")


def load(folder: Path) -> State | None:
    """The state last saved, by a supervisor that may be gone; None without one."""
    try:
        return msgspec.json.decode((folder / "state.json").read_bytes(), type=State)
    except FileNotFoundError:
        return None


def forget(folder: Path) -> None:
    """Removes the state."""
    (folder / "state.json").unlink(missing_ok=True)


@contextmanager
def held(folder: Path, patience_s: float = 1.0) -> Iterator[bool]:
    """Holds the folder's lock for the block; yields False when somebody else does. The kernel frees it with the process.

    `patience_s` outlasts those who only look (`holder` takes the lock for an instant).
    """
    folder.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + patience_s
    with (folder / "lock").open("a+") as file:
        while not (taken := _take(file.fileno())) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        if taken:
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
        yield taken


def holder(folder: Path) -> int | None:
    """The pid of the supervisor that holds the lock now; None when nobody does."""
    try:
        with (folder / "lock").open() as file:
            if _take(file.fileno()):
                return None
            return int(file.read() or 0)
    except FileNotFoundError:
        return None


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
