"""Which acknowledgements are to be said: of each device one in so many seconds, whatever came of it meanwhile."""

from collections.abc import Iterator


class Due:
    """Devices and boots of which something has come, in the order it came."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._waiting: dict[str, dict[int, None]] = {}
        self._said_s: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def note(self, device_id: str, boot: int) -> None:
        """Something of this boot has come, new or again: a device that sends again hasn't heard our answer."""
        self._waiting.setdefault(device_id, {})[boot] = None

    def take(self, now_s: float) -> Iterator[tuple[str, int]]:
        """The devices that may be told something now, each with one boot; they are taken out as they are asked for."""
        self._said_s = {
            device: said_s for device, said_s in self._said_s.items() if now_s < said_s + self._every_s
        }
        for device_id in [device for device in self._waiting if device not in self._said_s]:
            boots = self._waiting.pop(device_id)
            boot = next(iter(boots))
            del boots[boot]
            if boots:
                self._waiting[device_id] = boots
            self._said_s[device_id] = now_s
            yield device_id, boot
