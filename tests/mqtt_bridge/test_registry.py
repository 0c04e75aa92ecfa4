"""The registry in memory is the newest usable row of each device."""

import pytest

from mqtt_bridge.registry import Registry
from wardstream.contracts import wire
from wardstream.contracts.device import Device
from wardstream.contracts.malformed import Malformed

ANNA = Device(device_id="dev-1", user_id="anna", zone="Europe/Berlin")


def known(*devices: Device) -> Registry:
    registry = Registry()
    for device in devices:
        registry.apply(device.device_id.encode(), wire.encode(device))
    return registry


def test_a_row_registers_its_device() -> None:
    assert known(ANNA).devices == {"dev-1": ANNA}


def test_the_newest_row_wins() -> None:
    ben = Device(device_id="dev-1", user_id="ben")

    assert known(ANNA, ben).devices["dev-1"].user_id == "ben"


def test_a_tombstone_forgets_the_device() -> None:
    registry = known(ANNA)

    registry.apply(b"dev-1", None)
    registry.apply(b"never-seen", None)

    assert registry.devices == {}


def test_a_lookup_held_since_the_start_sees_what_came_later() -> None:
    registry = Registry()
    held = registry.devices

    registry.apply(b"dev-1", wire.encode(ANNA))

    assert held["dev-1"] == ANNA


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"dev-1", b"garbage"),
        (b"dev-1", b'{"v":1,"device_id":"dev-1"}'),
        (b"dev-2", wire.encode(ANNA)),
        (None, wire.encode(ANNA)),
        (b"\xff", None),
        (b"dev-1", wire.encode(Device(device_id="dev-1", user_id="eve", zone="Mars/Olympus"))),
        (b"dev-1", wire.encode(Device(device_id="dev-1", user_id="eve", zone="../../etc/passwd"))),
        (b"dev-1", wire.encode(Device(device_id="dev-1", user_id="eve", zone=""))),
    ],
)
def test_a_row_that_cannot_be_used_changes_nothing(key: bytes | None, value: bytes | None) -> None:
    registry = known(ANNA)

    with pytest.raises(Malformed):
        registry.apply(key, value)

    assert registry.devices == {"dev-1": ANNA}
