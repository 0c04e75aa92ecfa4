"""What a run writes down as it goes: the ledger of messages and the truth about episodes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from iot_simulator import ledger
from iot_simulator.connection import Connection
from iot_simulator.device import Device
from iot_simulator.said import Said


class Books:
    """The open files; those not asked for cost nothing. `now_us` gives microseconds since the epoch."""

    def __init__(
        self, sent: ledger.Lines | None, truth: ledger.Lines | None, now_us: Callable[[], int]
    ) -> None:
        self._sent = sent
        self._truth = truth
        self._now_us = now_us

    def acknowledged(self, said: Said, sent_at_us: int) -> None:
        """The broker has taken this message now."""
        if self._sent is not None:
            self._sent.write(ledger.sent(said, sent_at_us, self._now_us()))

    def carried(self, said: Said) -> None:
        """The application acknowledgement of this message has come now."""
        if self._sent is not None:
            self._sent.write(ledger.carried(said, self._now_us()))

    def flush(self, devices: Sequence[Device], start_us: int) -> None:
        """Brings the files up to date: what is acknowledged, and the episodes that are over."""
        if self._sent is not None:
            self._sent.flush()
        if self._truth is not None:
            for device in devices:
                self._write_over(self._truth, device, start_us, self._now_us())
            self._truth.flush()

    def close(
        self, devices: Sequence[Device], connections: Sequence[Connection], start_us: int, end_us: int
    ) -> None:
        """Writes what never was acknowledged, and the episodes that the end of the run cut short."""
        if self._sent is not None:
            for connection in connections:
                for said, sent_at_us in connection.under_way.values():
                    self._sent.write(ledger.sent(said, sent_at_us, None))
        if self._truth is not None:
            for device in devices:
                self._write_running(self._truth, device, start_us, end_us)
        self.flush(devices, start_us)

    @staticmethod
    def _write_over(truth: ledger.Lines, device: Device, start_us: int, until_us: int) -> None:
        for planned in device.timeline.take_over():
            truth.write(ledger.episode(device.route.device_id, planned, start_us, until_us))

    @staticmethod
    def _write_running(truth: ledger.Lines, device: Device, start_us: int, end_us: int) -> None:
        running = device.timeline.at(end_us - start_us)
        if running is not None:
            truth.write(ledger.episode(device.route.device_id, running, start_us, end_us))


@contextmanager
def opened(sent: Path | None, truth: Path | None, now_us: Callable[[], int]) -> Iterator[Books]:
    """The books, in new files; OSError when one can't be created."""
    with ExitStack() as files:
        lines = [
            ledger.Lines(files.enter_context(path.open("wb"))) if path else None for path in (sent, truth)
        ]
        yield Books(lines[0], lines[1], now_us)
