"""`python -m iot_simulator`: options in, one run, a clear end."""

import sys
from contextlib import AbstractContextManager, nullcontext

from iot_simulator.args import parsed
from iot_simulator.options import Surroundings, WrongOptions
from iot_simulator.run import run
from wardstream.runtime import health, logs, settings, shutdown
from wardstream.runtime.failure import CannotRun


def main(arguments: list[str]) -> int:
    """The exit code: 0 done, or asked to leave with nothing unacknowledged; 1 cannot run or nothing was acknowledged; 78 wrong
    options.
    """
    with shutdown.on_signals() as asked:
        return _ran(arguments, asked)


def _ran(arguments: list[str], asked: shutdown.Shutdown) -> int:
    around = settings.load(Surroundings)
    logs.configure("iot_simulator", around.log_level)
    try:
        options = parsed(arguments, around)
        state = health.Health()
        with _probes(options.health_port, around, state):
            return run(options, asked, state)
    except WrongOptions as wrong:
        sys.stderr.write(f"iot_simulator: {wrong}\n")
        return settings.EX_CONFIG
    except CannotRun as failure:
        sys.stderr.write(f"iot_simulator: {failure}\n")
        return 1


def _probes(
    port: int | None, around: Surroundings, state: health.Health
) -> AbstractContextManager[int | None]:
    # A terminal's run needs no probes: only who asks for a port, by option or by HEALTH_PORT, gets them.
    if port is None and around.health_port == 0:
        return nullcontext()
    return health.served(state, around.health_host, around.health_port if port is None else port)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
