"""When nearly everything is refused, the fault is not the records': better to stop than to set a ward aside."""

from collections import deque

_LOOKED_AT = 1000
_TOLERATED = 0.95


class Flood:
    """Counts refusals among the last records."""

    def __init__(self) -> None:
        self._refused: deque[bool] = deque(maxlen=_LOOKED_AT)
        self._count = 0

    def saw(self, *, refused: bool) -> bool:
        """Takes one more record into account; whether nearly all of the last 1,000 were refused."""
        if len(self._refused) == _LOOKED_AT:
            self._count -= self._refused[0]
        self._refused.append(refused)
        self._count += refused
        return self._count > _TOLERATED * _LOOKED_AT
