"""A service as all are, with nothing to do. Falls over when CRASH is in its folder, which it removes first."""

import sys
from pathlib import Path

from wardstream.runtime import health, service, settings, shutdown


def idle(_settings: settings.ServiceSettings, asked: shutdown.Shutdown, state: health.Health) -> None:
    """Ready until asked to leave."""
    crash = Path("CRASH")
    state.ready()
    while not asked.wait(0.02):
        state.beat()
        if crash.exists():
            crash.unlink()
            raise SystemExit(3)


if __name__ == "__main__":
    sys.exit(service.serve("small_service", settings.ServiceSettings, idle))
