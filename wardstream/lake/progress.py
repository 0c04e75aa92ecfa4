"""How far a question is, drawn on a terminal; elsewhere nothing is drawn."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TimeElapsedColumn
from rich.text import Text

from wardstream.lake.query import Asked

_THOUSAND = 1000
_UNITS = ("B", "kB", "MB", "GB", "TB")


@contextmanager
def shown() -> Iterator[Callable[[Asked], None]]:
    """A line on standard error while the block runs: rows and bytes so far, once what this yields was called; gone at the end.

    Not if standard error is no terminal, nor if rows are printed to one: they'd be drawn over.
    """
    console = Console(stderr=True)
    if not console.is_terminal or sys.stdout.isatty():
        yield lambda _: None
        return
    so_far = _SoFar()
    with Progress(SpinnerColumn(), so_far, TimeElapsedColumn(), console=console, transient=True) as line:
        line.add_task("query", total=None)
        yield so_far.follow


class _SoFar(ProgressColumn):
    """What was read, asked for at each drawing."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: Asked | None = None

    def follow(self, asked: Asked) -> None:
        self._asked = asked

    def render(self, task: Task) -> Text:  # noqa: ARG002 -- rich gives it
        """What rich draws."""
        return Text("listing the lake" if self._asked is None else said(self._asked))


def said(asked: Asked) -> str:
    """What was read so far, in words."""
    tally, of = asked.tally, size(sum(one.size_bytes for one in asked.files))
    return (
        f"{tally.rows:,} rows; read {size(tally.bytes)} of {of} in {tally.files} of {len(asked.files)} files"
    )


def too_cold(asked: Asked) -> str:
    """What to know about files that were left out; empty if none was."""
    days = sorted(one.day for one in asked.cold if one.day is not None)
    if not days:
        return ""
    return (
        f"not asked: {len(days)} files in cold storage, of {days[0]} to {days[-1]}; "
        f"`wardstream restore --from {days[0]} --to {days[-1]}` brings them back"
    )


def size(count: float) -> str:
    """Bytes as people say them."""
    for unit in _UNITS[:-1]:
        if count < _THOUSAND:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= _THOUSAND
    return f"{count:.1f} {_UNITS[-1]}"
