"""The four servers together: started side by side, stopped together, never outliving this process."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from wardstream.local import dynamodb, kafka, mosquitto, s3
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child, stop_all
from wardstream.local.ports import LOOPBACK, are_free, free_ports
from wardstream.local.server import Server

_FORMAT_TIMEOUT_S = 60.0


class Ports(NamedTuple):
    """Where each server listens, all on loopback."""

    kafka: int
    kafka_controller: int
    mqtt: int
    dynamodb: int
    s3: tuple[int, ...]
    mqtt_websocket: int = 0
    mqtt_services: int = 0


class Running(NamedTuple):
    """Servers that answer."""

    addresses: Addresses
    children: tuple[Child, ...]


@contextmanager
def start_servers(folder: Path, certs: Path | None = None) -> Iterator[Addresses]:
    """All four, answering, with data and logs below `folder`; gone when the block ends, however it ends.

    Data found there is used again. Call it on the main thread. Raises `CannotRun` with the failing server's last
    words. `certs` as in `running_servers`.
    """
    with running_servers(folder, certs=certs) as running:
        yield running.addresses


@contextmanager
def running_servers(
    folder: Path,
    started: Callable[[Child], None] = lambda _child: None,
    ports: Ports | None = None,
    certs: Path | None = None,
) -> Iterator[Running]:
    """`start_servers` for those who want the processes too: `started` hears of each as soon as it exists.

    With `certs` (a folder of `wardstream certs`) MQTT speaks mutual TLS and nothing else; without, plainly.
    """
    ports = ports or _ports_of(folder)
    addresses = _addresses(ports, certs)
    servers = _servers(folder.resolve(), ports, addresses)
    children: list[Child] = []
    with ExitStack() as stopping:
        stopping.callback(lambda: stop_all(reversed(children)))
        for server in servers:
            prepare(server)
            children.append(Child(server.command))
            started(children[-1])
        for server, child in zip(servers, children, strict=True):
            child.wait_until(server.answers, server.timeout_s)
        yield Running(addresses, tuple(children))


def _servers(folder: Path, ports: Ports, addresses: Addresses) -> tuple[Server, ...]:
    # Kafka is last: what it runs first takes a second, in which the others start.
    logs = folder / "logs"
    return (
        _mosquitto(folder / "mosquitto", logs, ports, addresses),
        s3.server(folder / "s3", logs, ports.s3, addresses.access_key, addresses.secret_key),
        dynamodb.server(folder / "dynamodb", logs, ports.dynamodb),
        kafka.server(folder / "kafka", logs, ports.kafka, ports.kafka_controller),
    )


def _mosquitto(folder: Path, logs: Path, ports: Ports, addresses: Addresses) -> Server:
    if not addresses.certs:
        return mosquitto.server(folder, logs, ports.mqtt)
    secured = mosquitto.SecuredPorts(ports.mqtt, ports.mqtt_websocket, ports.mqtt_services)
    return mosquitto.secured_server(folder, logs, secured, Path(addresses.certs))


def prepare(server: Server) -> None:
    """Runs what must be run before it, if anything."""
    if server.first is None:
        return
    preparing = Child(server.first)
    try:
        preparing.wait_for_success(_FORMAT_TIMEOUT_S)
    finally:
        preparing.stop()


def _ports_of(folder: Path) -> Ports:
    """The same as last time where they are free: addresses once exported stay right over `down` and `up`."""
    file = folder / "ports.json"
    if file.is_file():
        known = msgspec.json.decode(file.read_bytes(), type=Ports)
        single = (
            known.kafka,
            known.kafka_controller,
            known.mqtt,
            known.dynamodb,
            known.mqtt_websocket,
            known.mqtt_services,
        )
        # Zero: written before there was mutual TLS.
        if all(single) and are_free((*single, *known.s3)):
            return known
    chosen = _choose_ports()
    folder.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.encode(chosen))
    return chosen


def _choose_ports() -> Ports:
    kafka_port, controller_port, mqtt, dynamodb_port, websocket, services, *s3_ports = free_ports(
        6 + s3.PORT_COUNT
    )
    return Ports(kafka_port, controller_port, mqtt, dynamodb_port, tuple(s3_ports), websocket, services)


def _addresses(ports: Ports, certs: Path | None) -> Addresses:
    return Addresses(
        kafka_bootstrap=f"{LOOPBACK}:{ports.kafka}",
        mqtt_host=LOOPBACK,
        mqtt_port=ports.mqtt,
        s3_endpoint=f"http://{LOOPBACK}:{ports.s3[0]}",
        dynamodb_endpoint=f"http://{LOOPBACK}:{ports.dynamodb}",
        mqtt_services_port=ports.mqtt_services if certs else 0,
        mqtt_websocket_port=ports.mqtt_websocket if certs else 0,
        certs=str(certs.resolve()) if certs else "",
    )
