"""A broker with mutual TLS, an honest fleet that speaks to it, and somebody who hears all that a bridge would."""

import resource
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from wardstream.certs.authority import Role
from wardstream.certs.folder import Certificates, Files
from wardstream.contracts.topics import MQTT_READINGS
from wardstream.local import identity, mosquitto
from wardstream.local.ports import LOOPBACK, free_ports

FLEET = 5
PATIENCE_S = 60.0
_FILES = 60_000


def until(condition: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> None:
    """Waits for `condition`; fails the test, saying `what` it waited for, when time is up."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, f"waited {timeout_s:g} s for {what}"
        time.sleep(0.02)


class Speaker:
    """A client with a certificate (None: without one), whose network loop runs in a thread of its own."""

    def __init__(
        self, trusted: Path, shown: Files | None, port: int, client_id: str, *, websocket: bool = False
    ) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.answers: list[str] = []
        self.disconnects = 0
        self.acknowledged = 0
        self.granted = 0
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id,
            protocol=MQTTProtocolVersion.MQTTv311,
            transport="websockets" if websocket else "tcp",
            reconnect_on_failure=False,
        )
        context = ssl.create_default_context(cafile=str(trusted))
        if shown is not None:
            context.load_cert_chain(*map(str, shown))
        self._client.tls_set_context(context)
        if websocket:
            self._client.ws_set_options(path="/mqtt")
        self._client.on_connect = lambda _c, _u, _f, reason, _p: self.answers.append(str(reason))
        self._client.on_disconnect = self._gone
        self._client.on_message = self._take
        self._client.on_publish = self._taken
        self._client.on_subscribe = self._subscribed
        self._client.connect(LOOPBACK, port)
        self._client.loop_start()

    @property
    def is_in(self) -> bool:
        """Whether the broker said yes, and the connection stands."""
        return self._client.is_connected()

    def publish(self, topic: str, payload: bytes | str) -> None:
        """QoS 1; does not wait."""
        self._client.publish(topic, payload, qos=1)

    def subscribe(self, topic: str) -> None:
        """Returns when the broker has answered."""
        before = self.granted
        self._client.subscribe(topic, qos=1)
        until(lambda: self.granted > before, f"SUBACK for {topic}")

    def leave(self) -> None:
        """Disconnects."""
        self._client.disconnect()
        self._client.loop_stop()

    def _gone(self, *_: object) -> None:
        self.disconnects += 1

    def _taken(self, *_: object) -> None:
        self.acknowledged += 1

    def _subscribed(self, *_: object) -> None:
        self.granted += 1

    def _take(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload)))


class Site:
    """One broker; `device_0` ... are the honest fleet, `mallory` has a certificate that holds and bad intentions."""

    def __init__(self, folder: Path, *, websocket: bool = True) -> None:
        self.folder = folder
        devices = [*(f"device_{n}" for n in range(FLEET)), "mallory", "gateway_1"]
        self.certs = Certificates(identity.prepared(folder / "certs", devices))
        # With a WebSocket listener this Mosquitto doesn't survive SIGHUP.
        devices_port, websocket_port, services_port = free_ports(3)
        self.ports = mosquitto.SecuredPorts(devices_port, websocket_port if websocket else 0, services_port)
        server = mosquitto.secured_server(folder / "broker", folder, self.ports, self.certs.path)
        _allow_files()
        with (folder / "broker.log").open("wb") as log:
            self.process = subprocess.Popen(server.command.arguments, stderr=log)
        self._speakers: list[Speaker] = []
        try:
            until(server.answers, "the broker")
            self.bridge = self.service("mqtt_bridge")
            self.bridge.subscribe("$share/wardstream/iot/device/+")
            self.bridge.subscribe("$share/wardstream/iot/gateway/+/+")
            self.fleet = [self.device(f"device_{n}") for n in range(FLEET)]
        except BaseException:
            self.close()
            raise
        self._said = 0

    def device(self, name: str, client_id: str | None = None, *, websocket: bool = False) -> Speaker:
        """Somebody with this device's certificate, let in."""
        port = self.ports.websocket if websocket else self.ports.devices
        return self._let_in(self.certs.files(name, "device"), port, client_id or name, websocket=websocket)

    def service(self, name: str, client_id: str | None = None) -> Speaker:
        """Somebody with this service's certificate, let in."""
        shown = self.certs.files(name, "service", identity.REPLICA)
        return self._let_in(shown, self.ports.services, client_id or f"{name}-0")

    def _let_in(self, shown: Files, port: int, client_id: str, *, websocket: bool = False) -> Speaker:
        made = Speaker(self.certs.trusted, shown, port, client_id, websocket=websocket)
        self._speakers.append(made)
        until(lambda: made.is_in, f"{client_id} to be let in")
        return made

    def is_refused(self, shown: Files | None, port: int, *, websocket: bool = False) -> bool:
        """Whether whoever shows this (or nothing) gets no CONNACK, in the TLS handshake or after it."""
        try:
            made = Speaker(self.certs.trusted, shown, port, "whoever", websocket=websocket)
        except (OSError, ValueError):
            # paho makes a ValueError of a WebSocket that is closed while it is being opened.
            return True
        self._speakers.append(made)
        # TLS 1.3 tells a client after its own handshake is done: by hanging up.
        until(lambda: bool(made.answers or made.disconnects), "an answer")
        return not made.answers

    def issue(self, name: str, role: Role = "device", days: int = 30) -> Files:
        """A certificate of the site's own authority."""
        self.certs.issue([name], role, datetime.now(UTC), days=days)
        return self.certs.files(name, role)

    def reload(self) -> None:
        """SIGHUP; takes effect within the broker's next round."""
        self.process.send_signal(signal.SIGHUP)

    def memory_mb(self) -> float:
        """The broker's resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def raw(self) -> socket.socket:
        """A TCP connection to the devices' listener on which nothing was said."""
        return socket.create_connection((LOOPBACK, self.ports.devices), timeout=10)

    def raw_tls(self, name: str) -> ssl.SSLSocket:
        """A TLS connection that shows a device's certificate, on which no MQTT was said."""
        context = ssl.create_default_context(cafile=str(self.certs.trusted))
        context.load_cert_chain(*map(str, self.certs.files(name, "device")))
        return context.wrap_socket(self.raw(), server_hostname=LOOPBACK)

    def fleet_goes_on(self, messages: int = 20) -> int:
        """The honest devices each say so much, and all of it and nothing else arrives; returns how much that is."""
        self._said += 1
        before = len(self.bridge.heard)
        wanted = {
            (f"{MQTT_READINGS}/device_{n}", f"{self._said}/{count}".encode())
            for n in range(FLEET)
            for count in range(messages)
        }
        for topic, payload in wanted:
            self.fleet[int(topic.rpartition("_")[2])].publish(topic, payload)
        until(lambda: len(self.bridge.heard) >= before + len(wanted), "the fleet's messages")
        assert set(self.bridge.heard[before:]) == wanted
        assert [each.disconnects for each in self.fleet] == [0] * FLEET
        assert self.process.poll() is None
        return len(wanted)

    def close(self) -> None:
        """Everybody leaves, and the broker ends."""
        for speaker in self._speakers:
            speaker.leave()
        self.process.terminate()
        self.process.wait(20)


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextmanager
def site(folder: Path, *, websocket: bool = True) -> Iterator[Site]:
    """A site that is gone when the block ends."""
    made = Site(folder, websocket=websocket)
    try:
        yield made
    finally:
        made.close()
