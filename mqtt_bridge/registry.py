"""Whose device it is: the compacted topic `devices`, kept in memory."""

from collections.abc import Mapping
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wardstream.contracts import wire
from wardstream.contracts.device import Device
from wardstream.contracts.malformed import Malformed


class Registry:
    """The newest row of each device. `devices` is a live, read-only view of it for lookups."""

    def __init__(self) -> None:
        self._devices: dict[str, Device] = {}
        self.devices: Mapping[str, Device] = MappingProxyType(self._devices)

    def apply(self, key: bytes | None, value: bytes | None) -> None:
        """Takes one record of `devices`; no value forgets the device. `Malformed` leaves what was known as it was."""
        device_id = _text(key)
        if value is None:
            self._devices.pop(device_id, None)
            return
        device = wire.device(value)
        if device.device_id != device_id:
            raise Malformed("identity", "the row speaks for another device than its key's")
        _check_zone(device.zone)
        self._devices[device_id] = device


def _text(key: bytes | None) -> str:
    if key is None:
        raise Malformed("identity", "a row without a key")
    try:
        return key.decode()
    except UnicodeDecodeError as error:
        raise Malformed("encoding", "the key is not UTF-8") from error


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Malformed("format", "zone: not an IANA time zone") from error
