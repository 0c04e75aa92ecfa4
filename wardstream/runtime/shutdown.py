"""Leaving: SIGTERM or Ctrl-C means stop taking, finish, commit, leave; exit 0 within ten seconds."""

import signal
import threading
from types import FrameType

# What is left of Kubernetes', ECS' and Compose's usual patience once Python has started to unwind.
GRACE_S = 8.0


class Shutdown:
    """Whether this process has been asked to leave. Safe to ask from any thread."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    @property
    def requested(self) -> bool:
        """True once a signal came or `request` was called."""
        return self._asked.is_set()

    def request(self) -> None:
        """Asks the process to leave."""
        self._asked.set()

    def wait(self, timeout_s: float) -> bool:
        """Waits until asked to leave, at most `timeout_s`; returns `requested`."""
        return self._asked.wait(timeout_s)


def on_signals() -> Shutdown:
    """A `Shutdown` that SIGTERM and SIGINT request. A second signal does not kill: finishing is bounded anyway."""
    shutdown = Shutdown()

    def asked(_number: int, _frame: FrameType | None) -> None:
        shutdown.request()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
    return shutdown
