"""The command line."""

from pathlib import Path

import pytest

from iot_simulator.args import parsed
from iot_simulator.company import of_fleet
from iot_simulator.options import FleetOptions, SingleOptions, Surroundings, WrongOptions
from iot_simulator.single import company

AROUND = Surroundings(mqtt_host="broker", mqtt_port=1999)


def fleet(*arguments: str) -> FleetOptions:
    options = parsed(arguments, AROUND)
    assert isinstance(options, FleetOptions)
    return options


def single(*arguments: str) -> SingleOptions:
    options = parsed(arguments, AROUND)
    assert isinstance(options, SingleOptions)
    return options


def certificates(folder: Path) -> list[str]:
    for name in ("root-CA.crt", "cert.pem", "private.key"):
        (folder / name).touch()
    return [
        *("-r", str(folder / "root-CA.crt")),
        *("-c", str(folder / "cert.pem")),
        *("-k", str(folder / "private.key")),
    ]


def test_the_readmes_first_command_means_a_hundred_devices_for_a_minute() -> None:
    options = fleet("--devices", "100", "--duration", "60")

    assert (options.simulated, options.duration, options.profile) == (100, 60.0, "bedside")


def test_the_broker_is_the_environments_unless_the_command_line_names_one() -> None:
    assert (fleet().host, fleet().port) == ("broker", 1999)
    assert (fleet("--host", "other", "--port", "7").host, fleet("--port", "7").port) == ("other", 7)


def test_the_readmes_second_command_means_one_device_with_a_certificate(tmp_path: Path) -> None:
    options = single(
        *("-e", "HOST", *certificates(tmp_path), "-id", "BSM_G101"),
        *("-t", "iot/device/BSM_G101", "-m", "publish"),
    )

    assert (options.endpoint, options.id, options.port, options.mode) == ("HOST", "BSM_G101", 8883, "publish")
    assert company(options).client_ids == ["BSM_G101"]
    assert len(company(options).voices) == 3


def test_a_subscriber_says_nothing(tmp_path: Path) -> None:
    options = single("-e", "HOST", *certificates(tmp_path), "-id", "x", "-m", "subscribe")

    assert company(options).voices == []
    assert options.topic == "iot/device/x"


def test_a_websocket_is_signed_at_aws_alone_and_each_has_its_port() -> None:
    aws = single("-e", "a-ats.iot.eu-central-1.amazonaws.com", "-id", "x", "-w")
    other = single("-e", "broker.example.org", "-id", "x", "-w")

    assert (aws.is_signed, aws.port) == (True, 443)
    assert (other.is_signed, other.port) == (False, 8084)
    assert single("-e", "broker.example.org", "-id", "x", "-w", "-p", "9").port == 9


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(WrongOptions) as wrong:
        fleet("--devices", "many", "--duration", "-1", "--profile", "bed", "--episodes-kinds", "fever,fun")

    for part in ("--devices", "--duration", "--profile", "--episodes-kinds"):
        assert part in str(wrong.value)


def test_tls_without_certificates_says_what_is_missing() -> None:
    with pytest.raises(WrongOptions, match=r"needs -r .* -c .* and -k "):
        single("-e", "HOST", "-id", "x")


def test_a_missing_certificate_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongOptions, match="there is no file"):
        single("-e", "HOST", "-r", str(tmp_path / "none"), "-c", "c", "-k", "k", "-id", "x")


def test_nobody_to_speak_is_a_fault() -> None:
    with pytest.raises(WrongOptions, match="nobody to speak"):
        fleet("--devices", "0")


def test_there_is_a_connection_each_up_to_a_thousand_and_gateways_beyond() -> None:
    few = of_fleet(fleet("--devices", "3"))
    many = of_fleet(fleet("--devices", "1500"))
    shared = of_fleet(fleet("--devices", "4", "--connections", "2"))

    assert list(few.client_ids) == ["device_0", "device_1", "device_2"]
    assert len(many.client_ids) == 1000
    assert list(shared.client_ids) == ["device_gateway_0", "device_gateway_1"]


def test_mean_and_spread_reach_the_patients() -> None:
    one = of_fleet(fleet("--devices", "1", "--heart-rate-mean", "60", "--heart-rate-spread", "0"))

    values = [said.values for _at, voice in one.voices for said in voice.speak(0, 0)[0]]

    assert {"heart_rate_bpm": 60} in values
