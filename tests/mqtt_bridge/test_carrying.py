"""Messages on real servers: each arrives as what it said, or in `readings.rejected` with the reason."""

import msgspec
import pytest

from tests.mqtt_bridge.ward import MEASURED_AT, MEASURED_AT_US, Ward, native, until
from wardstream.contracts.device import Device
from wardstream.contracts.rejected import LARGEST_PAYLOAD_BYTES

pytestmark = pytest.mark.flow


def bedside(device_id: str, datatype: str, value: float) -> bytes:
    said = {"deviceid": device_id, "timestamp": "2025-11-08 10:23:45.123456"}
    return msgspec.json.encode(said | {"datatype": datatype, "value": value})


def test_every_message_arrives_as_what_it_said(ward: Ward) -> None:
    kolkata = Device(device_id=ward.device(1), user_id=f"{ward.token}-anna", zone="Asia/Kolkata")
    ward.register(kolkata)
    ward.bridge()
    in_kolkata = {"device_id": ward.device(1), "timestamp": "2025-11-08 15:53:45.123456"}

    ward.publish(
        [
            (
                ward.device(1),
                msgspec.json.encode(in_kolkata | {"blood_pressure": "120/80", "temperature": 98.6}),
            ),
            (ward.device(2), bedside(ward.device(2), "SPO2", 104)),
            (ward.device(3), native(ward.device(3), 12)),
        ]
    )
    landed = ward.wait_for(lambda landed: len(landed.readings) == 3, "three readings")

    anna, spo2, rate = sorted(landed.readings, key=lambda reading: reading.device_id)
    assert (anna.user_id, anna.systolic_mmhg, anna.diastolic_mmhg) == (f"{ward.token}-anna", 120.0, 80.0)
    assert anna.temperature_c == 37.0
    assert (spo2.user_id, spo2.spo2_pct, spo2.artefacts) == (ward.device(2), 104.0, ("spo2_pct",))
    assert (rate.boot, rate.sequence, rate.heart_rate_bpm) == (1, 12, 72.0)
    assert {reading.measured_at_us for reading in landed.readings} == {MEASURED_AT_US}
    assert landed.rejected == []


def test_a_device_registered_while_the_bridge_runs_is_known_soon(ward: Ward) -> None:
    ward.bridge()
    ward.register(Device(device_id=ward.device(1), user_id=f"{ward.token}-ben"))
    sequence = iter(range(1000))

    def is_known() -> bool:
        ward.publish([(ward.device(1), native(ward.device(1), next(sequence)))])
        return any(reading.user_id == f"{ward.token}-ben" for reading in ward.landed().readings)

    until(is_known, "the bridge to know the new device")


def bad_messages(ward: Ward) -> list[tuple[str, bytes]]:
    """(reason, payload), all from device 1."""
    me = ward.device(1)
    good = native(me, 1)
    return [
        ("json", b"\x00garbage"),
        ("json", good.replace(b":61", b":NaN")),
        ("json", good.replace(b":61", b":Infinity")),
        ("encoding", good.replace(b"heart", b"\xff\xfe")),
        ("format", good.replace(b":61", b':"61"')),
        ("format", good.replace(b":61", b":true")),
        ("format", good.replace(b"heart_rate_bpm", b"mood")),
        ("range", bedside(me, "HeartRate", -5)),
        ("range", bedside(me, "SPO2", 400)),
        ("timestamp", good.replace(MEASURED_AT.encode(), b"1970-01-01T00:00:00Z")),
        ("timestamp", good.replace(MEASURED_AT.encode(), b"2999-01-01T00:00:00Z")),
        ("identity", native(ward.device(2), 1)),
        ("version", good.replace(b'"v":1', b'"v":9')),
        ("oversize", b" " * (LARGEST_PAYLOAD_BYTES + 1)),
        ("json", b'{"a":' + b"[" * 50_000),
    ]


def test_each_bad_message_is_set_aside_with_its_reason_and_the_next_is_carried(ward: Ward) -> None:
    ward.bridge()
    bad = bad_messages(ward)

    ward.publish([(ward.device(1), payload) for _, payload in bad])
    ward.publish([(ward.device(1), native(ward.device(1), 2))])
    landed = ward.wait_for(
        lambda landed: len(landed.rejected) >= len(bad) and len(landed.readings) == 1, "all refusals"
    )

    expected = sorted((reason, payload[:LARGEST_PAYLOAD_BYTES], len(payload)) for reason, payload in bad)
    found = sorted((row.reason, row.payload, row.payload_bytes) for row in landed.rejected)
    assert found == expected
    assert {row.topic for row in landed.rejected} == {f"{ward.topic}/{ward.device(1)}"}


def test_two_megabytes_end_their_sender_at_the_edge_and_nobody_else(ward: Ward) -> None:
    bridge = ward.bridge()

    with ward.publisher() as others:
        others.send(ward.device(2), native(ward.device(2), 1))
        with ward.publisher() as sender:
            sender.send(ward.device(1), b" " * 2_000_000)
            until(lambda: sender.disconnects > 0, "the broker to end the connection")
        others.send(ward.device(2), native(ward.device(2), 2))
        others.wait()
        landed = ward.wait_for(lambda landed: len(landed.ids) == 2, "the other device's readings")

        assert others.disconnects == 0

    assert landed.rejected == []
    assert bridge.child.exit_code is None
