"""Which acknowledgements are to be said: of each device one in so many seconds, whatever came of it meanwhile."""

from collections import OrderedDict
from collections.abc import Iterator

_Boots = dict[int, None]


class Due:
    """Devices and boots of which something has come, in the order it came. What it costs doesn't grow with the devices that wait."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._ready: OrderedDict[str, _Boots] = OrderedDict()
        # Told less than `every_s` ago: when, in that order; and what has come of them since.
        self._said_s: OrderedDict[str, float] = OrderedDict()
        self._held: dict[str, _Boots] = {}

    def __len__(self) -> int:
        return len(self._ready) + len(self._held)

    def note(self, device_id: str, boot: int) -> None:
        """Something of this boot has come, new or again: a device that sends again hasn't heard our answer."""
        waiting = self._held if device_id in self._said_s else self._ready
        waiting.setdefault(device_id, {})[boot] = None

    def take(self, now_s: float) -> Iterator[tuple[str, int]]:
        """The devices that may be told something now, each with one boot; they are taken out as they are asked for."""
        self._release(now_s)
        while self._ready:
            device_id, boots = self._ready.popitem(last=False)
            boot = next(iter(boots))
            del boots[boot]
            if boots:
                self._held[device_id] = boots
            self._said_s[device_id] = now_s
            yield device_id, boot

    def _release(self, now_s: float) -> None:
        while self._said_s and now_s >= next(iter(self._said_s.values())) + self._every_s:
            device_id, _ = self._said_s.popitem(last=False)
            if boots := self._held.pop(device_id, None):
                self._ready[device_id] = boots
