"""The devices of one row: simulated, and started again with the readings they kept when they are killed."""

import signal
from pathlib import Path

from tests.faults.pipeline import Pipeline

DEVICES = 24


class Fleet:
    """`said`: how many messages all runs together have told their ledgers. `more`: arguments besides the usual ones."""

    def __init__(
        self, pipeline: Pipeline, prefix: str, more: tuple[str, ...], *, seed: int, episodes: str
    ) -> None:
        self._pipeline = pipeline
        self._prefix = prefix
        self._arguments = (
            *("--devices", str(DEVICES), "--device-prefix", prefix, "--profile", "mix", "--interval", "1"),
            *("--episodes", "120", "--episode-seconds", "10", "--episodes-kinds", episodes),
            *("--seed", str(seed), "--drain", "120"),
            *("--keep", str(pipeline.folder / "devices" / f"{prefix}kept.sqlite")),
            *more,
        )
        (pipeline.folder / "devices").mkdir(exist_ok=True)
        self._began: list[Path] = []
        self._start()

    def _start(self) -> None:
        # Each run's own: a simulator begins its ledger anew.
        ledger = self._pipeline.folder / f"{self._prefix}ledger-{len(self._began)}.jsonl"
        name = f"{self._prefix}fleet-{len(self._began)}"
        self._running = self._pipeline.devices(name, (*self._arguments, "--ledger", str(ledger)))
        self._began.append(ledger)

    @property
    def ledgers(self) -> list[Path]:
        """Of every run that came so far as to say something."""
        return [each for each in self._began if each.exists()]

    @property
    def said(self) -> int:
        return sum(each.read_bytes().count(b"\n") for each in self.ledgers)

    def kill(self) -> None:
        """kill -9, and started again at once."""
        self._running.send(signal.SIGKILL)
        self._pipeline.until(lambda: self._running.exit_code is not None, "the devices to be gone")
        self._start()

    def stop(self) -> None:
        """Asked to leave it says nothing more, and waits some seconds; what is owed then stays in its file for the next run."""
        self._running.stop()
