"""The simulator as its users start it: a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from iot_simulator.tally import Summary
from wardstream.contracts.ledger import Sent


class Simulator:
    """A running `python -m iot_simulator`."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.ledger_file = folder / "ledger.jsonl"
        self._summary = folder / "summary.json"
        self._log = folder / "simulator.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "iot_simulator", *arguments),
                    *("--ledger", str(self.ledger_file), "--summary", str(self._summary)),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | {"HEALTH_PORT": "0"},
            )

    def wait(self, timeout_s: float = 60.0) -> int:
        return self.process.wait(timeout_s)

    def ask_to_leave(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def sent(self) -> list[Sent]:
        """The ledger as far as it is written."""
        if not self.ledger_file.exists():
            return []
        return [msgspec.json.decode(line, type=Sent) for line in self.ledger_file.read_bytes().splitlines()]

    def summary(self) -> Summary:
        return msgspec.json.decode(self._summary.read_bytes(), type=Summary)

    def words(self) -> str:
        return self._log.read_text()


@contextmanager
def simulating(folder: Path, *arguments: str) -> Iterator[Simulator]:
    """A simulator that is gone in the end."""
    folder.mkdir(parents=True, exist_ok=True)
    simulator = Simulator(folder, *arguments)
    try:
        yield simulator
    finally:
        if simulator.process.poll() is None:
            simulator.process.kill()
        simulator.process.communicate()
