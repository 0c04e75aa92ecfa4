"""`python -m stream_processor`: settings in, one worker, a clear end."""

import sys

from stream_processor.settings import ProcessorSettings
from stream_processor.worker import run
from wardstream.runtime import logs, settings, shutdown
from wardstream.runtime.failure import CannotRun

NAME = "stream_processor"


def main() -> int:
    """The exit code: 0 asked to leave, 1 cannot run, 78 wrong settings. `service.serve` for an event loop that is Faust's."""
    with shutdown.on_signals() as asked:
        configured = settings.load(ProcessorSettings)
        logs.configure(NAME, configured.log_level)
        try:
            run(configured, asked)
        except CannotRun as failure:
            logs.logger().error("cannot_run", reason=str(failure))
            sys.stderr.write(f"{NAME}: {failure}\n")
            return 1
        logs.logger().info("left")
        return 0


if __name__ == "__main__":
    sys.exit(main())
