"""Whatever ends a bridge, every message the MQTT broker acknowledged reaches Kafka."""

import signal
import time

import pytest

from tests.mqtt_bridge.ward import Ward, native, native_id, until

pytestmark = pytest.mark.flow

DEVICES = 20
MESSAGES = 10_000
CARRIED = "wardstream_bridge_carried_total"
SLOTS = "wardstream_bridge_slots"


def load(ward: Ward) -> tuple[list[tuple[str, bytes]], set[str]]:
    """Messages, and the ids they must land as."""
    said = [(ward.device(number % DEVICES), number // DEVICES) for number in range(MESSAGES)]
    messages = [(device_id, native(device_id, sequence)) for device_id, sequence in said]
    return messages, {native_id(device_id, sequence) for device_id, sequence in said}


def test_a_bridge_killed_under_load_loses_nothing(ward: Ward) -> None:
    messages, ids = load(ward)
    first = ward.bridge()

    with ward.publisher() as gateway:
        for device_id, payload in messages:
            gateway.send(device_id, payload)
        until(lambda: first.metric(CARRIED) > MESSAGES // 10, "the load to flow")
        carried = first.metric(CARRIED)
        first.child.send(signal.SIGKILL)
        ward.bridge("successor")
        gateway.wait()
    landed = ward.wait_for(lambda landed: landed.ids >= ids, "every id")

    assert carried < MESSAGES, "the bridge was killed too late to prove anything"
    assert landed.ids == ids


def test_a_bridge_asked_to_leave_under_load_leaves_in_time_and_hands_over_exactly(ward: Ward) -> None:
    messages, ids = load(ward)
    first = ward.bridge()

    with ward.publisher() as gateway:
        for device_id, payload in messages:
            gateway.send(device_id, payload)
        until(lambda: first.metric(CARRIED) > MESSAGES // 10, "the load to flow")
        carried = first.metric(CARRIED)
        asked_s = time.monotonic()
        code = first.child.stop()
        took_s = time.monotonic() - asked_s
        ward.bridge("successor")
        gateway.wait()
    landed = ward.wait_for(lambda landed: landed.ids >= ids, "every id")

    assert (code, carried < MESSAGES) == (0, True)
    assert took_s < 10
    # All it had taken was confirmed and acknowledged, so nothing is sent a second time.
    assert len(landed.readings) == MESSAGES


def test_the_slots_of_a_killed_replica_move_to_the_other(ward: Ward) -> None:
    messages, ids = load(ward)
    one = ward.bridge("one")
    two = ward.bridge("two")
    until(lambda: one.metric(SLOTS) == 2, "one replica to give two slots away")
    until(lambda: two.metric(SLOTS) == 2, "the other to take them")

    with ward.publisher() as gateway:
        for device_id, payload in messages[: MESSAGES // 2]:
            gateway.send(device_id, payload)
        until(
            lambda: min(one.metric(CARRIED), two.metric(CARRIED)) > MESSAGES // 20, "both replicas to carry"
        )
        one.child.send(signal.SIGKILL)
        killed_s = time.monotonic()
        for device_id, payload in messages[MESSAGES // 2 :]:
            gateway.send(device_id, payload)
        until(lambda: two.metric(SLOTS) == 4, "the dead replica's slots", timeout_s=20)
        moved_s = time.monotonic() - killed_s
        gateway.wait()
    landed = ward.wait_for(lambda landed: landed.ids >= ids, "every id")

    assert moved_s < 15
    assert landed.ids == ids
