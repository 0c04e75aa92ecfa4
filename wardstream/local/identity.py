"""Certificates for a local run: the broker, the services, and devices as they are asked for."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from wardstream.certs.authority import Role
from wardstream.certs.folder import Certificates, ensured
from wardstream.local.ports import LOOPBACK

# One certificate per replica; a local run has one of each.
REPLICA = "1"
SERVICES = ("mqtt_bridge", "acker", "monitor")


def prepared(folder: Path, devices: Iterable[str] = ()) -> Path:
    """The folder, in which the broker, every service that speaks MQTT and `devices` have certificates; each is made once."""
    certificates = ensured(folder)
    _lacking(certificates, ("broker",), "broker", hosts=(LOOPBACK, "localhost", "mosquitto"))
    _lacking(certificates, SERVICES, "service", REPLICA)
    _lacking(certificates, devices, "device")
    return folder


def _lacking(
    certificates: Certificates, names: Iterable[str], role: Role, replica: str = "", hosts: Iterable[str] = ()
) -> None:
    now = datetime.now(UTC)
    # Who was revoked gets no other by itself.
    known = {
        (each.name, each.replica)
        for each in certificates.listed()
        if each.role == role and each.ends_at > now
    }
    if wanted := [name for name in names if (name, replica) not in known]:
        certificates.issue(wanted, role, now, replica=replica, hosts=hosts)
