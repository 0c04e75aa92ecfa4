"""How much is being refused: told by reason, and judged when it is nearly all."""

from collections import Counter
from collections.abc import Mapping

from wardstream.contracts.malformed import Reason

_WINDOW = 1000
_NEARLY_ALL = 990
# Below this many devices it is the devices that are wrong, and one person's fault is one person's.
_MANY_DEVICES = 20


class Refusals:
    """Counts of refused messages since last told, and over the last thousand messages."""

    def __init__(self) -> None:
        self._untold: Counter[Reason] = Counter()
        self._seen = 0
        self._refused = 0
        self._devices: set[str] = set()
        self._verdict: str | None = None

    @property
    def verdict(self) -> str | None:
        """Why to stop: nearly everything from many devices was refused, so it is we who are wrong. None: go on."""
        return self._verdict

    def accepted(self) -> None:
        """A message became a reading."""
        self._count()

    def refused(self, reason: Reason, device_id: str) -> None:
        """A message was set aside."""
        self._untold[reason] += 1
        self._refused += 1
        self._devices.add(device_id)
        self._count()

    def tell(self) -> Mapping[Reason, int]:
        """How many were refused for which reason since the last call."""
        told, self._untold = self._untold, Counter()
        return told

    def _count(self) -> None:
        self._seen += 1
        if self._seen < _WINDOW:
            return
        if self._refused >= _NEARLY_ALL and len(self._devices) >= _MANY_DEVICES:
            self._verdict = f"{self._refused} of the last {_WINDOW} messages, of {len(self._devices)} devices, were refused"
        self._seen = self._refused = 0
        self._devices.clear()
