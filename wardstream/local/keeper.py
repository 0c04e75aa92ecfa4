"""Keeps a service running: one that ends by itself is started again, after a pause that grows."""

from collections.abc import Callable

from wardstream.local.children import Child
from wardstream.local.services import Service
from wardstream.runtime.logs import logger

_LONGEST_PAUSE_S = 30.0
# A service that ran this long had a good start; its next fall counts as its first.
_STEADY_S = 120.0


def pause_s(falls: int) -> float:
    """How long to wait before the next start, after `falls` falls in a row: 1, 2, 4, ... 30 seconds."""
    return float(min(_LONGEST_PAUSE_S, 2.0 ** (falls - 1)))


class Keeper:
    """One kept service. `started` hears of each process; times are seconds of any clock that never goes back."""

    def __init__(self, service: Service, started: Callable[[Child, int], None], now_s: float) -> None:
        self._service = service
        self._started = started
        self._falls = 0
        self._next_start_s: float | None = None
        self._start(now_s)

    def wait_until_ready(self, timeout_s: float) -> None:
        """Waits for its first readiness; `CannotRun` when it ends or the time does."""
        self.child.wait_until(self._service.is_ready, timeout_s)

    def look(self, now_s: float) -> bool:
        """Notices a fall (then it is true), and starts the service again when its pause is over. To be called often."""
        if self._next_start_s is not None:
            if now_s >= self._next_start_s:
                self._start(now_s)
            return False
        has_fallen = self.child.exit_code is not None
        if has_fallen:
            self._falls = 1 if now_s - self._started_s > _STEADY_S else self._falls + 1
            self._next_start_s = now_s + pause_s(self._falls)
            logger().warning(
                "service_fell",
                name=self.child.command.name,
                exit_code=self.child.exit_code,
                starts_in_s=pause_s(self._falls),
            )
        return has_fallen

    def _start(self, now_s: float) -> None:
        self._next_start_s = None
        self._started_s = now_s
        self.child = Child(self._service.command)
        self._started(self.child, self._service.health_port)
