"""`--source kafka` on a real Kafka: what IoT Core's rule writes arrives as by MQTT, whatever ends the bridge."""

import signal
import time

import msgspec
import pytest

from tests.mqtt_bridge.said import RECEIVED_AT_US, SAID
from tests.mqtt_bridge.test_raw import written
from tests.mqtt_bridge.ward import Bridge, Landed, Ward, native, native_id, until
from wardstream.contracts.device import Device
from wardstream.contracts.reading import Reading

# The first test of a run starts the servers too.
pytestmark = [pytest.mark.flow, pytest.mark.timeout(400)]

FROM_KAFKA = ("--source", "kafka")
DEVICES = 20
# Some seconds' work, so that it can be killed amid it.
RECORDS = 60_000
CARRIED = "wardstream_bridge_carried_total"


def user(ward: Ward, device_id: str) -> str:
    return f"{ward.token}-{device_id}"


def load(ward: Ward) -> tuple[list[tuple[str, bytes]], set[str]]:
    """Records of `device-raw`, and the ids they must land as."""
    said = [(ward.device(number % DEVICES), number // DEVICES) for number in range(RECORDS)]
    records = [
        (device_id, written(native(device_id, sequence), f"iot/device/{device_id}"))
        for device_id, sequence in said
    ]
    return records, {native_id(device_id, sequence) for device_id, sequence in said}


def wait_until_amid(bridge: Bridge) -> None:
    until(lambda: bridge.metric(CARRIED) > RECORDS // 20, "the load to flow")


def contradictions(landed: Landed) -> list[Reading]:
    """Readings that say something else than another of the same id."""
    first: dict[str, Reading] = {}
    return [each for each in landed.readings if first.setdefault(each.reading_id, each) != each]


def test_each_golden_record_arrives_as_the_reading_that_mqtt_brings(ward: Ward) -> None:
    for said in SAID:
        ward.register(Device(device_id=said.device_id, user_id=user(ward, said.device_id)))
    ward.bridge("by-mqtt")
    ward.bridge("by-kafka", arguments=FROM_KAFKA)

    ward.publish([(said.device_id, said.payload) for said in SAID])
    ward.write_raw([(said.device_id, said.written) for said in SAID])
    landed = ward.wait_for(lambda landed: len(landed.readings) == 2 * len(SAID), "every reading twice")

    as_by_rule = {msgspec.structs.replace(one, received_at_us=RECEIVED_AT_US) for one in landed.readings}
    by_rule = {one for one in landed.readings if one.received_at_us == RECEIVED_AT_US}
    assert {one.device_id for one in by_rule} == {said.device_id for said in SAID}
    assert as_by_rule == by_rule
    assert landed.rejected == []


def test_what_cannot_be_used_is_set_aside_and_the_next_is_carried(ward: Ward) -> None:
    ward.bridge("by-kafka", arguments=FROM_KAFKA)
    me, another = ward.device(1), ward.device(2)
    topic = f"iot/device/{me}"

    ward.write_raw(
        [
            (me, b"\x00garbage"),
            (me, native(me, 1)),
            (me, written(native(another, 1), topic)),
            (me, written(native(me, 1), f"iot/device/{another}")),
            (me, written(native(me, 1).replace(b":61", b":400"), topic)),
            (me, written(native(me, 2), topic)),
        ]
    )
    landed = ward.wait_for(
        lambda landed: len(landed.rejected) == 5 and len(landed.readings) == 1, "all refusals"
    )

    assert [row.reason for row in landed.rejected] == ["json", "format", "identity", "identity", "range"]
    assert landed.ids == {native_id(me, 2)}


def test_a_bridge_killed_amid_the_topic_loses_nothing_and_says_nothing_else_twice(ward: Ward) -> None:
    records, ids = load(ward)
    first = ward.bridge("first", arguments=FROM_KAFKA)

    ward.write_raw(records)
    wait_until_amid(first)
    first.child.send(signal.SIGKILL)
    before = len(ward.landed().readings)
    ward.bridge("successor", arguments=FROM_KAFKA)
    landed = ward.wait_for(lambda landed: landed.ids >= ids, "every id")

    assert before < RECORDS, "the bridge was killed too late to prove anything"
    assert landed.ids == ids
    assert contradictions(landed) == []


def test_bridges_that_join_and_leave_amid_the_topic_hand_over_everything(ward: Ward) -> None:
    records, ids = load(ward)
    first = ward.bridge("first", arguments=FROM_KAFKA)

    ward.write_raw(records)
    wait_until_amid(first)
    second = ward.bridge("second", arguments=FROM_KAFKA)
    asked_s = time.monotonic()
    code = first.child.stop()
    took_s = time.monotonic() - asked_s
    landed = ward.wait_for(lambda landed: landed.ids >= ids, "every id")

    assert code == 0
    assert took_s < 10
    assert second.child.exit_code is None
    assert landed.ids == ids
    assert contradictions(landed) == []
