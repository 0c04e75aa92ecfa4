"""The whole pipeline with a door before every server for every service; what falls is started again at once."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from tests.faults.small_disk import SmallDisk, is_possible, small_disk
from tests.faults.tcp_door import TcpDoor
from tests.kafka_listeners import Listener, with_listeners
from tests.parquet_sink.s3_proxy import Fault, S3Proxy
from wardstream.local import dynamodb, kafka, mosquitto, s3, services
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child, Command
from wardstream.local.ports import LOOPBACK, free_ports
from wardstream.local.server import Server
from wardstream.local.servers import prepare
from wardstream.local.services import SERVICES, Service, service

_PATIENCE_S = 240.0
_POLL_S = 0.05
FLUSH_INTERVAL_S = 2.0
# Room for a matrix, and filled in a second.
_DISKS_MB = {"kafka": 1500, "devices": 64}
_SETTINGS = {"FLUSH_INTERVAL_S": f"{FLUSH_INTERVAL_S:g}"}


class Gate:
    """Says of every request what befalls it."""

    def __init__(self) -> None:
        self.fault: Fault | None = None

    def __call__(self, method: str, _path: str) -> Fault | None:
        """A `Decide`: faults befall what writes."""
        return self.fault if method in ("PUT", "POST") else None


class Pipeline:
    """Servers by name, services by module, doors by (who, to whom). All methods are for the main thread."""

    def __init__(self, folder: Path, broken: Mapping[str, str], stack: ExitStack) -> None:
        self.folder = folder
        self._broken = broken
        self._stack = stack
        self._servers: dict[str, tuple[Server, Child]] = {}
        self._services: dict[str, tuple[Service, Child]] = {}
        self.doors: dict[tuple[str, str], TcpDoor] = {}
        self.s3_gate, self.dynamodb_gate = Gate(), Gate()
        # By who writes there; none where they can't be had.
        self.disks: dict[str, SmallDisk] = {}
        if is_possible():
            for who, megabytes in _DISKS_MB.items():
                self.disks[who] = stack.enter_context(small_disk(folder / who, megabytes))
        # How its oracle and its devices reach the servers: by no door.
        self.addresses = self._begin()
        services.provision(self.addresses, folder)
        for module in SERVICES:
            self.start(module)
        self.until(self.is_ready, "every service")

    def _begin(self) -> Addresses:
        ports = free_ports(4 + s3.PORT_COUNT)
        logs = self.folder / "logs"
        direct = Addresses(
            kafka_bootstrap=f"{LOOPBACK}:{ports[0]}",
            mqtt_host=LOOPBACK,
            mqtt_port=ports[2],
            s3_endpoint=f"http://{LOOPBACK}:{ports[4]}",
            dynamodb_endpoint=f"http://{LOOPBACK}:{ports[3]}",
        )
        self._kafka_doors = self._doors_of_kafka()
        broker = kafka.server(self.folder / "kafka", logs, ports[0], ports[1])
        self._open_kafka_to_doors(self.folder / "kafka" / "server.properties")
        made = {
            "mosquitto": mosquitto.server(self.folder / "mosquitto", logs, ports[2]),
            "s3": s3.server(self.folder / "s3", logs, ports[4:], direct.access_key, direct.secret_key),
            "dynamodb": dynamodb.server(self.folder / "dynamodb", logs, ports[3]),
            "kafka": broker,
        }
        for name, server in made.items():
            prepare(server)
            self._servers[name] = (server, self._child(server.command))
        for server, child in self._servers.values():
            child.wait_until(server.answers, server.timeout_s)
        self._s3_port = self._http(direct.s3_endpoint, self.s3_gate)
        self._dynamodb_port = self._http(direct.dynamodb_endpoint, self.dynamodb_gate)
        return direct

    def _child(self, command: Command) -> Child:
        child = Child(command)
        self._stack.callback(child.stop)
        return child

    def _http(self, endpoint: str, gate: Gate) -> int:
        proxy = S3Proxy(urlsplit(endpoint).port or 80, gate, slow_s=1.5)
        self._stack.callback(proxy.close)
        return proxy.port

    def _doors_of_kafka(self) -> dict[str, tuple[int, TcpDoor]]:
        # A listener for each service: clients go where Kafka tells them to, so each must be told of its own door.
        found = {}
        for module, port in zip(SERVICES, free_ports(len(SERVICES)), strict=True):
            found[module] = (port, self._door(module, "kafka", port))
        return found

    def _open_kafka_to_doors(self, settings: Path) -> None:
        added = [
            Listener(module.replace(".", "_").upper(), "PLAINTEXT", port, told=door.port)
            for module, (port, door) in self._kafka_doors.items()
        ]
        settings.write_text(with_listeners(settings.read_text(), added))

    def _door(self, who: str, to: str, port: int) -> TcpDoor:
        door = self.doors[who, to] = TcpDoor(port)
        self._stack.callback(door.close)
        return door

    def _through_doors(self, module: str) -> Addresses:
        """Where this service finds the servers: each behind a door of its own."""

        def port(to: str, direct: int) -> int:
            known = self.doors.get((module, to))
            return (known or self._door(module, to, direct)).port

        return msgspec.structs.replace(
            self.addresses,
            kafka_bootstrap=f"{LOOPBACK}:{self._kafka_doors[module][1].port}",
            mqtt_port=port("mosquitto", self.addresses.mqtt_port),
            s3_endpoint=f"http://{LOOPBACK}:{port('s3', self._s3_port)}",
            dynamodb_endpoint=f"http://{LOOPBACK}:{port('dynamodb', self._dynamodb_port)}",
        )

    def start(self, module: str, name: str = "") -> None:
        """Starts a service, or under another `name` a replica of it; it is kept running from now on."""
        run = "tests.faults.broken" if module in self._broken else module
        more = (
            {"BROKEN": self._broken[module], "PYTHONPATH": str(Path(__file__).parents[2])}
            if run != module
            else {}
        )
        made = service(
            run, self._through_doors(module), self.folder, name=name or module, settings=_SETTINGS | more
        )
        self._services[name or module] = (made, self._child(made.command))

    def leave(self, name: str) -> None:
        """A replica leaves for good."""
        self._services.pop(name)[1].stop()

    def signal(self, name: str, number: signal.Signals) -> None:
        """Sends a signal to a service and waits until it is gone; it is started again at once."""
        made, child = self._services[name]
        child.send(number)
        self._gone(child)
        self._services[name] = (made, self._child(made.command))

    def kill_server(self, name: str) -> None:
        """kill -9; the server is away until `start_server`."""
        child = self._servers[name][1]
        child.send(signal.SIGKILL)
        self._gone(child)

    def start_server_if_fallen(self, name: str) -> None:
        """`start_server`, of a server that may have ended by itself."""
        if self._servers[name][1].exit_code is not None:
            self.start_server(name)

    def start_server(self, name: str) -> None:
        """Starts a killed server again and waits until it answers."""
        server = self._servers[name][0]
        child = self._child(server.command)
        self._servers[name] = (server, child)
        # A killed Kafka looks through its files first, which takes minutes on a machine that is busy with all the rest.
        child.wait_until(server.answers, 3 * server.timeout_s)

    def devices(self, name: str, arguments: tuple[str, ...]) -> Child:
        """A fleet at the MQTT broker."""
        port = self.doors.get(("devices", "mosquitto")) or self._door(
            "devices", "mosquitto", self.addresses.mqtt_port
        )
        there = msgspec.structs.replace(self.addresses, mqtt_port=port.port)
        return self._child(
            service("iot_simulator", there, self.folder, name=name, arguments=arguments).command
        )

    def is_ready(self) -> bool:
        """Whether every service says so."""
        return all(made.is_ready() for made, _ in self._services.values())

    def mind(self) -> None:
        """Starts again what has fallen."""
        for name, (made, child) in list(self._services.items()):
            if child.exit_code is not None:
                self._services[name] = (made, self._child(made.command))

    def wait(self, seconds: float) -> None:
        """Lets the pipeline run so long."""
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            self.mind()
            time.sleep(_POLL_S)

    def until(self, condition: Callable[[], bool], what: str, timeout_s: float = _PATIENCE_S) -> float:
        """Waits for the condition and returns how long; `AssertionError` says `what` it waited for too long."""
        began_s = time.monotonic()
        while not condition():
            assert time.monotonic() < began_s + timeout_s, f"waited {timeout_s:g} s for {what}"
            self.mind()
            time.sleep(_POLL_S)
        return time.monotonic() - began_s

    def _gone(self, child: Child) -> None:
        until_s = time.monotonic() + _PATIENCE_S
        while child.exit_code is None:
            assert time.monotonic() < until_s, f"{child.command.name} does not end"
            time.sleep(_POLL_S)


@contextmanager
def running(folder: Path, broken: Mapping[str, str] | None = None) -> Iterator[Pipeline]:
    """A pipeline of its own; `broken` says which safeguard of which service is taken out (`tests.faults.broken`)."""
    with ExitStack() as stack:
        yield Pipeline(folder, broken or {}, stack)
