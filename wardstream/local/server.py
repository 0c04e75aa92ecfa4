"""What every local server is: a command, a way to see that it answers, perhaps something to run first."""

from collections.abc import Callable
from dataclasses import dataclass

from wardstream.local.children import Command


@dataclass(frozen=True, kw_only=True)
class Server:
    """One server as `servers` runs it. `answers` is asked often, must be quick and never raises.

    `first` is run to its end before `command` (formatting a disk, say).
    """

    command: Command
    answers: Callable[[], bool]
    first: Command | None = None
    timeout_s: float = 120.0
