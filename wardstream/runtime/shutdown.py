"""Leaving: SIGTERM or Ctrl-C means stop taking, finish, commit, leave; exit 0 within ten seconds."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

# What is left of Kubernetes', ECS' and Compose's usual patience once Python has started to unwind.
GRACE_S = 8.0
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Shutdown:
    """Whether this process has been asked to leave. Safe to ask from any thread."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._told: Callable[[], None] | None = None

    @property
    def requested(self) -> bool:
        """True once a signal came or `request` was called."""
        return self._asked.is_set()

    def request(self) -> None:
        """Asks the process to leave."""
        self._asked.set()
        if self._told is not None:
            self._told()

    def tell(self, told: Callable[[], None]) -> None:
        """Calls `told` when asked to leave, in the asking thread or signal handler; at once if that is past."""
        self._told = told
        if self.requested:
            told()

    def wait(self, timeout_s: float) -> bool:
        """Waits until asked to leave, at most `timeout_s`; returns `requested`."""
        return self._asked.wait(timeout_s)


@contextmanager
def on_signals() -> Iterator[Shutdown]:
    """A `Shutdown` that SIGTERM and SIGINT request. A second signal does not kill: finishing is bounded anyway.

    Signals that came before, held back by whoever started this process (`local.children`), count. After the block signals
    are ignored for good: it is the last thing a process does.
    """
    shutdown = Shutdown()

    def asked(_number: int, _frame: FrameType | None) -> None:
        _ignore()
        shutdown.request()

    for number in SIGNALS:
        signal.signal(number, asked)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    try:
        yield shutdown
    finally:
        _ignore()


def _ignore() -> None:
    # The interpreter's last act but one is to put the default back for handlers written in Python; a signal would then kill
    # a process that has done all it should, and its exit code would say so. What is ignored stays ignored.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
