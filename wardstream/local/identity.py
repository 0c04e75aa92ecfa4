"""Certificates for a local run, and for containers: the broker, the services, and devices as they are asked for."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from wardstream.certs import shares
from wardstream.certs.authority import Role
from wardstream.certs.folder import Certificates, ensured
from wardstream.contracts import access
from wardstream.local.ports import LOOPBACK

# One certificate per replica; a local run has one of each.
REPLICA = "1"
# Reads what the broker says of itself.
MONITOR = "monitor"
SERVICES = ("mqtt_bridge", "acker")
# Kafka's broker, which speaks TLS in containers only.
_KAFKA = "kafka"
# The simulator's own default, which import rules keep from here; said on its command line.
MOST_CONNECTIONS = 1000


def fleet(devices: int) -> list[str]:
    """Who of the simulated devices connects: each as itself, or beyond the simulator's most connections its gateways."""
    if devices <= MOST_CONNECTIONS:
        return [f"device_{number}" for number in range(devices)]
    return [f"device_gateway_{number}" for number in range(MOST_CONNECTIONS)]


def prepared(folder: Path, devices: Iterable[str] = ()) -> Path:
    """The folder, in which the broker, every service that speaks MQTT and `devices` have certificates; each is made once."""
    certificates = ensured(folder)
    _lacking(certificates, ("broker",), "broker", hosts=(LOOPBACK, "localhost", "mosquitto"))
    _lacking(certificates, (*SERVICES, MONITOR), "service", REPLICA)
    _lacking(certificates, devices, "device")
    return folder


def hand_out(folder: Path, to: Path, devices: Iterable[str] = ()) -> None:
    """Makes what is missing in `folder`, Kafka's certificate and passwords too, and gives each container its own below `to`."""
    certificates = Certificates(prepared(folder, devices))
    _lacking(certificates, (_KAFKA,), "broker", hosts=(LOOPBACK, "localhost", _KAFKA))
    names = shares.Names(
        services=SERVICES, replica=REPLICA, monitor=MONITOR, kafka=_KAFKA, users=tuple(access.SERVICES)
    )
    shares.hand_out(certificates, to, names)


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
