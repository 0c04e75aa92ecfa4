"""Mosquitto: the MQTT broker, on loopback."""

import os
import shutil
import socket
from pathlib import Path
from typing import NamedTuple

from wardstream.local.children import Command
from wardstream.local.ports import LOOPBACK, accepts
from wardstream.local.server import Server
from wardstream.runtime.failure import CannotRun

# A reading is some hundred bytes.
LARGEST_PACKET_BYTES = 262144
_SETTINGS = """\
# In the foreground, to our log. Connections are no event: there are thousands.
log_dest stderr
log_type error
log_type warning
log_type notice
connection_messages false
persistence true
persistence_location {data}/
autosave_interval 30
set_tcp_nodelay true
# For each client: what may be unacknowledged, and what may wait for it while it is away.
max_inflight_messages 2000
max_queued_messages 1000000
max_queued_bytes 536870912
# Ends the connection that sends more. message_size_limit, its older sister, would PUBACK the message and drop it.
max_packet_size {largest}
{user}
"""
_PLAIN = """\
# Options of a listener follow its line.
listener {port} {bind}
allow_anonymous true
"""
# Every listener has its own authority and its own rules. It must stand first.
_APART = "per_listener_settings true\n"
# `require_certificate` asks for one; `use_identity_as_username` takes the common name as the user.
_SECURED = """\
listener {port} {bind}
{more}
tls_version tlsv1.2
cafile {certs}/{authority}/ca.crt
crlfile {certs}/{authority}/crl.pem
certfile {certs}/broker/broker.crt
keyfile {certs}/broker/broker.key
require_certificate true
use_identity_as_username true
allow_anonymous false
acl_file {certs}/rules/{rules}.acl
"""
# A device is its certificate whatever client id it says, so nobody's session can be taken. Not for services: one holds
# several sessions at once.
_OF_DEVICES = "max_connections 20000\nuse_username_as_clientid true"
# MQTT 3.1.1: CONNECT with a clean session, ten seconds keep-alive and an empty client id; CONNACK 0; DISCONNECT.
_CONNECT = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x0a\x00\x00"
_CONNACK = b"\x20\x02\x00\x00"
_DISCONNECT = b"\xe0\x00"


def settings(port: int, data: str, bind: str = LOOPBACK, user: str = "") -> str:
    """The text of mosquitto.conf, which every way of running it shares."""
    return _common(data, user) + _PLAIN.format(port=port, bind=bind)


class SecuredPorts(NamedTuple):
    """Where the broker listens with mutual TLS. `websocket` 0: not at all.

    With a WebSocket listener SIGHUP ends Mosquitto 2.0.11 with a segmentation fault, so revocation takes a restart there;
    and it checks no revocation list on WebSockets, where the rules deny instead (docs/decisions/0030).
    """

    devices: int
    websocket: int
    services: int


def secured_settings(ports: SecuredPorts, data: str, certs: str, bind: str = LOOPBACK, user: str = "") -> str:
    """mosquitto.conf with mutual TLS and nothing else. `certs` is laid out as `wardstream.certs.folder` says."""
    shared = {"bind": bind, "certs": certs}
    websocket = _SECURED.format(
        port=ports.websocket,
        authority="devices",
        rules="websocket",
        # Without the domain Mosquitto 2.0.11 listens for WebSockets on every interface, whatever address it was told.
        more="protocol websockets\nsocket_domain ipv4\n" + _OF_DEVICES,
        **shared,
    )
    return (
        _APART
        + _common(data, user)
        + _SECURED.format(
            port=ports.devices, authority="devices", rules="devices", more=_OF_DEVICES, **shared
        )
        + (websocket if ports.websocket else "")
        + _SECURED.format(
            port=ports.services, authority="services", rules="services", more="max_connections 100", **shared
        )
    )


def _common(data: str, user: str) -> str:
    return _SETTINGS.format(data=data, largest=LARGEST_PACKET_BYTES, user=user)


def secured_server(folder: Path, logs: Path, ports: SecuredPorts, certs: Path) -> Server:
    """Mosquitto with mutual TLS, its data in `folder`; `certs` holds a certificate of the broker's."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "mosquitto.conf"
    file.write_text(secured_settings(ports, str(folder), str(certs.resolve()), user=_user()))
    # Who has no certificate can't ask for more than a connection.
    return Server(
        command=_command(file, folder, logs), answers=lambda: all(accepts(port) for port in ports if port)
    )


def server(folder: Path, logs: Path, port: int) -> Server:
    """Mosquitto on `port` with its data in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "mosquitto.conf"
    file.write_text(settings(port, str(folder), user=_user()))
    return Server(command=_command(file, folder, logs), answers=lambda: answers(port))


def _user() -> str:
    # Started by root it would change to a user that can't write our folder; and changing user unties it from us.
    return "user root" if os.geteuid() == 0 else ""


def _command(file: Path, folder: Path, logs: Path) -> Command:
    return Command(
        name="mosquitto",
        arguments=(binary(), "-c", str(file)),
        environment=os.environ,
        folder=folder,
        log=logs / "mosquitto.log",
    )


def binary() -> str:
    """Debian puts it where ordinary users' PATH doesn't look. `CannotRun` when it isn't installed."""
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise CannotRun("Mosquitto is not here: run `python -m wardstream.local.setup`")
    return found


def answers(port: int) -> bool:
    """Whether it accepts an MQTT connection."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as connection:
            connection.sendall(_CONNECT)
            accepted = connection.recv(len(_CONNACK)) == _CONNACK
            connection.sendall(_DISCONNECT)
            return accepted
    except OSError:
        return False
