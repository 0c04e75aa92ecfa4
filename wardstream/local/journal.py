"""Keeps the state file true to what a supervisor runs."""

from pathlib import Path

import msgspec

from wardstream.local import leftovers, state
from wardstream.local.children import Child


class Journal:
    """The supervisor's own view of its state, saved at each change, so that a crash at any moment can be swept."""

    def __init__(self, folder: Path, supervisor: int) -> None:
        self._folder = folder
        self._state = state.State(supervisor=supervisor)
        state.save(folder, self._state)

    def note(self, **changes: object) -> None:
        """Saves the state with these changes."""
        self._state = msgspec.structs.replace(self._state, **changes)
        state.save(self._folder, self._state)

    def started(self, child: Child, health_port: int | None = None) -> None:
        """A child runs; an earlier one of its name doesn't any more."""
        new = leftovers.known(child.command.name, child.pid, child.command.leaves, health_port)
        others = tuple(process for process in self._state.processes if process.name != new.name)
        self.note(processes=(*others, new))
