"""The one clock of a run: wall time in microseconds that never goes back and never jumps."""

import time


class Clock:
    """Wall time as it was at the start, moved on by the monotonic clock: a schedule must not feel a clock being set."""

    def __init__(self) -> None:
        self._offset_ns = time.time_ns() - time.monotonic_ns()

    def now_us(self) -> int:
        """Microseconds since the epoch."""
        return (time.monotonic_ns() + self._offset_ns) // 1000
