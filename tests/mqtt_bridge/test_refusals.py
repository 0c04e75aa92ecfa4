"""One bad device is the device's fault; nearly all messages of many devices are ours."""

from mqtt_bridge.refusals import Refusals


def test_what_was_refused_is_told_once() -> None:
    refusals = Refusals()
    refusals.refused("json", "a")
    refusals.refused("json", "b")
    refusals.refused("range", "a")

    assert refusals.tell() == {"json": 2, "range": 1}
    assert refusals.tell() == {}


def test_nearly_everything_refused_from_many_devices_is_a_reason_to_stop() -> None:
    refusals = Refusals()

    for number in range(1000):
        refusals.refused("format", f"device-{number % 50}")

    assert refusals.verdict is not None


def test_a_device_that_sends_only_garbage_stops_nobody() -> None:
    refusals = Refusals()

    for _ in range(5000):
        refusals.refused("json", "device-1")

    assert refusals.verdict is None


def test_a_tenth_of_garbage_from_many_devices_stops_nobody() -> None:
    refusals = Refusals()

    for number in range(5000):
        if number % 10 == 0:
            refusals.refused("json", f"device-{number % 50}")
        else:
            refusals.accepted()

    assert refusals.verdict is None
