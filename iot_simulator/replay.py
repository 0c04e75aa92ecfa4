"""A recorded person, spoken again: in the native format, in the order and rhythm of the recording, `speed` times as fast."""

from collections.abc import Iterator, Sequence

from iot_simulator import encode
from iot_simulator.recording import Row
from iot_simulator.said import Route, Said
from wardstream.contracts.vitals import ACCEPTED


class Replay:
    """The voice of one recorded device; its first row is due at the run's start.

    With `restamp` a message's `measured_at` is the instant it is due (a live demonstration); without, what the
    recording says. A recorded value that no contract accepts is sent as it is: its message counts as garbage.
    """

    def __init__(self, route: Route, rows: Iterator[Row], *, speed: float, restamp: bool) -> None:
        self._route = route
        self._rows = rows
        self._current = next(rows, None)
        self._first_us = self._current.measured_at_us if self._current else 0
        self._speed = speed
        self._restamp = restamp
        self._sequence = 0

    def speak(self, since_start_us: int, start_us: int) -> tuple[Sequence[Said], int | None]:
        """The row that is due, and when the next one is."""
        if self._current is None:
            return (), None
        said = self._say(self._current, start_us + since_start_us, start_us)
        self._current = next(self._rows, None)
        return (said,), self._due_us(self._current) if self._current else None

    def _due_us(self, row: Row) -> int:
        return round((row.measured_at_us - self._first_us) / self._speed)

    def _say(self, row: Row, due_us: int, boot: int) -> Said:
        self._sequence += 1
        at_us = due_us if self._restamp else row.measured_at_us
        payload, values = encode.native(self._route.device_id, at_us, boot, self._sequence, row.values)
        kept = values if _is_acceptable(values) else None
        return Said(self._route, payload, due_us, at_us, kept, boot, self._sequence)


def _is_acceptable(values: dict[str, float]) -> bool:
    return all(ACCEPTED[vital].low <= value <= ACCEPTED[vital].high for vital, value in values.items())
