"""Wardstream's own services as child processes."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from wardstream.local import http_probe
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child, Command
from wardstream.local.identity import REPLICA
from wardstream.local.identity import SERVICES as MQTT_SERVICES
from wardstream.local.ports import LOOPBACK, free_ports

# In the order data flows; stopped in the other.
SERVICES = ("mqtt_bridge", "mqtt_bridge.acker", "stream_processor", "parquet_sink", "alarm_store")
_READY_TIMEOUT_S = 60.0
# Services promise ten seconds.
_GRACE_S = 15.0
_PROVISION_TIMEOUT_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Service:
    """A command whose /ready, /live and /metrics are on `health_port`."""

    command: Command
    health_port: int

    def is_ready(self) -> bool:
        """Whether its /ready says so."""
        return http_probe.status_of(f"http://{LOOPBACK}:{self.health_port}/ready") == HTTPStatus.OK


def service(
    module: str,
    addresses: Addresses,
    folder: Path,
    *,
    name: str | None = None,
    arguments: tuple[str, ...] = (),
    settings: Mapping[str, str] | None = None,
) -> Service:
    """`python -m module` against these servers, with its files and log below `folder`, not yet started.

    `name` tells replicas apart. `settings` are variables besides the addresses' own.
    """
    (health_port,) = free_ports(1)
    own = {"HEALTH_HOST": LOOPBACK, "HEALTH_PORT": str(health_port)} | dict(settings or {})
    identified = addresses.of_service(_known_as(module), REPLICA) if _known_as(module) else {}
    command = _command(
        name or module, folder, environment(addresses) | identified | own, ("-m", module, *arguments)
    )
    return Service(command=command, health_port=int(own["HEALTH_PORT"]))


def _known_as(module: str) -> str:
    """Its name in the broker's rules: the module's last part; empty for one that doesn't speak MQTT as a service."""
    last = module.rpartition(".")[2]
    return last if last in MQTT_SERVICES else ""


def start_ready(service: Service, timeout_s: float = _READY_TIMEOUT_S) -> Child:
    """The service, running and ready; `CannotRun` with its last log lines, and nothing running, if it doesn't get so."""
    child = Child(service.command)
    try:
        child.wait_until(service.is_ready, timeout_s)
    except BaseException:
        child.stop()
        raise
    return child


def provision(addresses: Addresses, folder: Path) -> None:
    """Makes topics, bucket and tables on these servers; `CannotRun` with the last log lines if that fails."""
    child = Child(_command("provision", folder, environment(addresses), ("-m", "wardstream.provision")))
    try:
        child.wait_for_success(_PROVISION_TIMEOUT_S)
    finally:
        child.stop()


def _command(name: str, folder: Path, variables: Mapping[str, str], arguments: tuple[str, ...]) -> Command:
    where = folder.resolve()
    # A folder of its own, also for temporary files: some libraries write to the current one, and what a killed service
    # leaves behind goes with the rest.
    own = where / "services" / name
    return Command(
        name=name,
        arguments=(sys.executable, *arguments),
        environment={**variables, "TMPDIR": str(own)},
        folder=own,
        log=where / "logs" / f"{name}.log",
        grace_s=_GRACE_S,
        unblocks=True,
    )


def environment(addresses: Addresses) -> dict[str, str]:
    """This process' variables with these servers' in place of every AWS_*: a developer's own profile must not leak in."""
    ours = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
    return ours | addresses.environment()
