"""What each container may see of the authorities' folder: its own certificate and key, and whom to trust.

    broker/                  what mosquitto.conf names, and the monitor's certificate for its health check
    devices/                 ca.crt, device/NAME.crt, device/NAME.key
    SERVICE/                 ca.crt, kafka_password; own.crt and own.key of one that speaks MQTT
    kafka/                   keystore.pem: key and certificates of the Kafka broker
    users/                   the password of each Kafka user, for who makes them

A key is readable by the group (0640): a broker's process has another user than the one who hands out. The authorities'
own keys are in no share.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from wardstream.certs.files import put
from wardstream.certs.folder import Certificates, Files
from wardstream.runtime.failure import CannotRun

_LISTS = ("devices/ca.crt", "devices/crl.pem", "services/ca.crt", "services/crl.pem")
_RULES = ("rules/devices.acl", "rules/websocket.acl", "rules/services.acl")


class Names(NamedTuple):
    """Who is handed something: services that speak MQTT (one `replica` of each), who watches its broker, Kafka's broker and users."""

    services: tuple[str, ...]
    replica: str
    monitor: str
    kafka: str
    users: tuple[str, ...]


def hand_out(certificates: Certificates, to: Path, names: Names) -> None:
    """Writes every share below `to`, replacing what is there file by file; `CannotRun` where that can't be."""
    try:
        for share, files in _shares(certificates, names).items():
            _write(to / share, files)
    except OSError as error:
        raise CannotRun(f"certificates can't be handed out below {to}: {error}") from error


def _shares(certificates: Certificates, names: Names) -> dict[str, dict[str, bytes]]:
    trusted = certificates.trusted.read_bytes()
    passwords = {user: _password(certificates.path / "kafka" / user) for user in names.users}
    shares = {user: {"ca.crt": trusted, "kafka_password": password} for user, password in passwords.items()}
    for name in names.services:
        shares.setdefault(name, {"ca.crt": trusted}).update(
            _pair(certificates.files(name, "service", names.replica))
        )
    shares["broker"] = _of_broker(certificates, certificates.files(names.monitor, "service", names.replica))
    shares["devices"] = _of_devices(certificates.path / "device") | {"ca.crt": trusted}
    own = certificates.files(names.kafka, "broker")
    # Kafka wants one file, and in it the whole chain.
    shares["kafka"] = {"keystore.pem": own.key.read_bytes() + own.certificate.read_bytes() + trusted}
    shares["users"] = passwords
    return shares


def _pair(files: Files, name: str = "own") -> dict[str, bytes]:
    return {f"{name}.crt": files.certificate.read_bytes(), f"{name}.key": files.key.read_bytes()}


def _of_broker(certificates: Certificates, monitor: Files) -> dict[str, bytes]:
    shared = {name: (certificates.path / name).read_bytes() for name in (*_LISTS, *_RULES)}
    return (
        shared
        | _pair(certificates.files("broker", "broker"), "broker/broker")
        | _pair(monitor, "monitor/own")
    )


def _of_devices(folder: Path) -> dict[str, bytes]:
    found = [each for each in folder.glob("*.*") if each.suffix in (".crt", ".key")]
    return {f"device/{each.name}": each.read_bytes() for each in found}


def _password(file: Path) -> bytes:
    """A random one, the same at every later asking."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, exist_ok=True)
        put(file, secrets.token_urlsafe(32).encode(), 0o600)
    return file.read_bytes()


def _write(share: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        file = share / name
        file.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        put(file, content, 0o640)
