"""A service's outermost frame: settings in, one loop, a clear end."""

import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from wardstream.runtime import health, logs, settings, shutdown
from wardstream.runtime.failure import CannotRun

S = TypeVar("S", bound=settings.ServiceSettings)
Loop = Callable[[S, shutdown.Shutdown, health.Health], None]


def serve(name: str, settings_class: type[S], loop: Loop[S], given: Mapping[str, Any] | None = None) -> int:
    """Runs `loop` until it returns or a signal asks it to; the exit code: 0 asked to leave, 1 cannot run, 78 wrong settings.

    `given` are settings from a command line. A defect of ours is not caught: the traceback is the message, and the exit code is 1.
    """
    with shutdown.on_signals() as asked:
        configured = settings.load(settings_class, given)
        logs.configure(name, configured.log_level)
        state = health.Health()
        try:
            with health.served(state, configured.health_host, configured.health_port):
                loop(configured, asked, state)
        except CannotRun as failure:
            logs.logger().error("cannot_run", reason=str(failure))
            sys.stderr.write(f"{name}: {failure}\n")
            return 1
        logs.logger().info("left")
        return 0
