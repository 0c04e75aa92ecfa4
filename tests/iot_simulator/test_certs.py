"""With a folder of certificates every connection shows its own, and devices that share one carry its name."""

from pathlib import Path

import pytest

from iot_simulator import company, reach
from iot_simulator.link import Link
from iot_simulator.options import FleetOptions, WrongOptions, checked
from wardstream.local import identity
from wardstream.runtime.failure import CannotRun


def test_a_device_with_a_connection_of_its_own_keeps_its_topic(tmp_path: Path) -> None:
    made = company.of_fleet(FleetOptions(devices=3, certs=tmp_path))

    assert made.client_ids == ["device_0", "device_1", "device_2"]
    assert {each.route.topic for each in made.devices} == {f"iot/device/device_{n}" for n in range(3)}


def test_devices_that_share_a_connection_speak_through_its_gateway(tmp_path: Path) -> None:
    made = company.of_fleet(FleetOptions(devices=10_000, connections=500, certs=tmp_path))

    assert len(made.client_ids) == 500
    for each in made.devices:
        gateway = made.client_ids[each.route.connection]
        assert each.route.device_id.startswith(f"{gateway}:device_")
        assert each.route.topic == f"iot/gateway/{gateway}/{each.route.device_id}"


def test_each_connection_shows_its_own_certificate(tmp_path: Path) -> None:
    certs = identity.prepared(tmp_path / "certs", ["device_0", "device_1"])
    options = FleetOptions(devices=2, ca=certs / "services" / "ca.crt", certs=certs / "device")

    links = reach.each_with_its_own(Link(host="x", port=1), options, ["device_0", "device_1"])

    contexts = {id(each.context) for each in links if each.context is not None}
    assert len(contexts) == 2


def test_who_has_no_certificate_is_counted_in_one_sentence(tmp_path: Path) -> None:
    options = FleetOptions(devices=2, certs=tmp_path)

    with pytest.raises(CannotRun, match=r"2 of 2 connections have no certificate.*wardstream certs issue"):
        reach.each_with_its_own(Link(host="x", port=1), options, ["device_0", "device_1"])


def test_one_certificate_and_a_folder_of_them_are_not_both_meant(tmp_path: Path) -> None:
    file = tmp_path / "c"
    file.touch()

    with pytest.raises(WrongOptions, match="not both"):
        checked(FleetOptions, {"devices": 1, "certs": tmp_path, "cert": file, "key": file})
