"""One device's episodes as its time goes by: which one is on, and which are over."""

from collections.abc import Iterator

from iot_simulator.episode import Planned


class Timeline:
    """Walks through planned episodes; asked with times that never go back."""

    def __init__(self, planned: Iterator[Planned]) -> None:
        self._planned = planned
        self._next = next(planned, None)
        self._over: list[Planned] = []

    def at(self, at_us: int) -> Planned | None:
        """The episode that is on at `at_us`."""
        while self._next is not None and self._next.end_us <= at_us:
            self._over.append(self._next)
            self._next = next(self._planned, None)
        if self._next is not None and self._next.start_us <= at_us:
            return self._next
        return None

    def take_over(self) -> list[Planned]:
        """The episodes that have ended and were not taken before."""
        over, self._over = self._over, []
        return over
