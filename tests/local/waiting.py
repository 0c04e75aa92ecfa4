"""Waiting for a condition, with a deadline."""

import time
from collections.abc import Callable

import psutil


def until(condition: Callable[[], bool], timeout_s: float = 20.0) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def is_alive(pid: int) -> bool:
    """Whether a process with this pid runs; one that is dead and not yet reaped doesn't."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
