"""docker-compose.yml and what it says of services, settings and servers belong together."""

import importlib
import inspect
import re
import tomllib
from pathlib import Path

import pytest

from tests import containers
from tests.compose.declared import ISSUER, OBSERVERS, ON_DEMAND, ONE_SHOT, OURS, ROOT, as_written, environment
from wardstream.local import mosquitto
from wardstream.runtime.settings import ServiceSettings

# boto3 reads these itself.
_KEYS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
_SECRET = re.compile(r"PASSWORD|SECRET|ACCESS_KEY|TOKEN", re.IGNORECASE)
_ROOMS = {
    "acker": "mqtt_bridge.settings",
    "iot_simulator": "iot_simulator.options",
    "parquet_compact": "parquet_sink.compact",
    "provision": "wardstream.provision.settings",
    "report": "wardstream.report.settings",
}


def _settings_class(service: str) -> type[ServiceSettings]:
    room = importlib.import_module(_ROOMS.get(service, f"{service}.settings"))
    (own,) = (
        found
        for _, found in inspect.getmembers(room, inspect.isclass)
        if issubclass(found, ServiceSettings) and found.__module__ == room.__name__
    )
    return own


@pytest.mark.parametrize("service", [*OURS, *ON_DEMAND, *ONE_SHOT])
def test_every_variable_given_to_a_service_is_a_setting_of_it(service: str) -> None:
    given = environment(service).keys() - _KEYS

    known = {name.upper() for name in _settings_class(service).model_fields}

    assert given <= known


@pytest.mark.parametrize("service", [*OURS, *ON_DEMAND, *ONE_SHOT])
def test_a_service_starts_with_what_it_is_given(service: str, tmp_path: Path) -> None:
    # What `certs` hands out, which is looked for at the start.
    (tmp_path / "device").mkdir()
    for name in ("ca.crt", "own.crt", "own.key"):
        (tmp_path / name).touch()
    given = {
        name.lower(): text.replace("/certs", str(tmp_path)) for name, text in environment(service).items()
    }

    settings = _settings_class(service)(**given)  # type: ignore[arg-type]  # text, as variables are

    assert settings.log_level == "info"


def test_every_image_is_pinned() -> None:
    images = [service.image for service in as_written().values()]

    tags = [image.partition(":")[2] for image in images]

    assert all(tag not in ("", "latest") for tag in tags)


def test_the_servers_are_the_ones_that_the_other_tests_use() -> None:
    others = {*OURS, *ON_DEMAND, *ONE_SHOT, *OBSERVERS, ISSUER}

    servers = {service.image for name, service in as_written().items() if name not in others}

    assert servers == set(containers.IMAGES)


@pytest.mark.parametrize("service", OBSERVERS)
def test_who_observes_starts_only_when_asked_for_and_may_do_no_more_than_it_must(service: str) -> None:
    declared = as_written()[service]

    assert declared.profiles == ("observe",)
    assert declared.read_only
    assert declared.cap_drop == ("ALL",)


def test_ports_are_this_machines_own_and_can_be_moved() -> None:
    ports = [port for service in as_written().values() for port in service.ports]

    elsewhere = [port for port in ports if not port.startswith("127.0.0.1:${HOST_")]

    assert ports
    assert not elsewhere


@pytest.mark.parametrize("service", OURS)
def test_a_service_can_be_scaled(service: str) -> None:
    declared = as_written()[service]

    assert declared.container_name is None
    assert not declared.ports


@pytest.mark.parametrize("service", [*OURS, *ON_DEMAND, *ONE_SHOT, ISSUER])
def test_a_service_may_do_no_more_than_it_must(service: str) -> None:
    declared = as_written()[service]

    assert declared.read_only
    assert declared.cap_drop == ("ALL",)
    assert declared.security_opt == ("no-new-privileges:true",)


def test_every_container_has_a_limit_of_memory() -> None:
    unlimited = [name for name, service in as_written().items() if service.mem_limit is None]

    assert not unlimited


def test_mosquitto_is_set_up_as_everywhere_else() -> None:
    ours = (ROOT / "deploy" / "mosquitto.conf").read_text()

    ports = mosquitto.SecuredPorts(devices=8883, websocket=8084, services=8884)
    everywhere = mosquitto.secured_settings(ports, "/mosquitto/data", "/mosquitto/certs", bind="0.0.0.0")

    assert _effective(ours) == _effective(everywhere)


def _effective(settings: str) -> list[str]:
    return [line.strip() for line in settings.splitlines() if line.strip() and not line.startswith("#")]


def test_the_images_hold_every_package_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

    sent_to_docker = (ROOT / ".dockerignore").read_text().splitlines()

    assert {f"!{package}" for package in packages} <= set(sent_to_docker)


def test_our_image_is_nobodys_root_and_holds_no_secret() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    last_stage = lines[max(n for n, line in enumerate(lines) if line.startswith("FROM ")) :]

    users = [line for line in last_stage if line.startswith("USER ")]
    set_or_asked_for = [line for line in lines if line.lstrip().startswith(("ENV", "ARG"))]

    assert users == ["USER ${RUN_AS}"]
    assert "ARG RUN_AS=10001:10001" in last_stage
    assert not [line for line in set_or_asked_for if _SECRET.search(line)]


def test_no_file_of_a_secret_is_sent_to_docker() -> None:
    sent = (ROOT / ".dockerignore").read_text().splitlines()

    # All is left out but what is named: data, certificates and keys of local runs are below .wardstream.
    assert sent[[not line.startswith("#") for line in sent].index(True)] == "*"
    assert not [line for line in sent if line.startswith("!.")]


def test_only_the_object_store_keeps_capabilities() -> None:
    keeping = {name for name, service in as_written().items() if service.cap_drop != ("ALL",)}

    assert keeping == {"seaweedfs"}
