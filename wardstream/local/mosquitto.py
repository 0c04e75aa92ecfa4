"""Mosquitto: the MQTT broker, on loopback."""

import os
import shutil
import socket
from pathlib import Path

from wardstream.local.children import Command
from wardstream.local.ports import LOOPBACK
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
# Options of a listener follow its line.
listener {port} {bind}
allow_anonymous true
"""
# MQTT 3.1.1: CONNECT with a clean session, ten seconds keep-alive and an empty client id; CONNACK 0; DISCONNECT.
_CONNECT = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x0a\x00\x00"
_CONNACK = b"\x20\x02\x00\x00"
_DISCONNECT = b"\xe0\x00"


def settings(port: int, data: str, bind: str = LOOPBACK, user: str = "") -> str:
    """The text of mosquitto.conf, which every way of running it shares."""
    return _SETTINGS.format(port=port, bind=bind, data=data, largest=LARGEST_PACKET_BYTES, user=user)


def server(folder: Path, logs: Path, port: int) -> Server:
    """Mosquitto on `port` with its data in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    # Started by root it would change to a user that can't write our folder; and changing user unties it from us.
    user = "user root" if os.geteuid() == 0 else ""
    file = folder / "mosquitto.conf"
    file.write_text(settings(port, str(folder), user=user))
    command = Command(
        name="mosquitto",
        arguments=(binary(), "-c", str(file)),
        environment=os.environ,
        folder=folder,
        log=logs / "mosquitto.log",
    )
    return Server(command=command, answers=lambda: answers(port))


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
