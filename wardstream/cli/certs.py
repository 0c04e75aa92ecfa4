"""`wardstream certs init | issue | revoke | list | hand-out`: the certificates of devices, services and the local MQTT broker."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from wardstream.certs.authority import Role
from wardstream.certs.folder import LEAF_DAYS, Certificates
from wardstream.cli import audit
from wardstream.local import folders, identity

Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder", envvar="WARDSTREAM_CERTS", help="Where they are.", show_default=".wardstream/up/certs"
    ),
]
Kind = Annotated[Role, typer.Option("--role", help="device (also a gateway), service or broker.")]
Replica = Annotated[str, typer.Option("--replica", help="Which replica of a service.")]


def init(*, folder: Folder = None) -> None:
    """Makes two certificate authorities: one for devices, one for services and the broker."""
    made = _certificates(folder)
    audit.record("authorities_made")
    made.init(datetime.now(UTC))
    typer.echo(f"made {made.path}; whoever has its ca.key files can be anybody")


def issue(
    names: Annotated[list[str], typer.Argument(help="Whose: a device's id, a service's name.")],
    *,
    role: Kind = "device",
    replica: Replica = "",
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it holds.")] = LEAF_DAYS,
    host: Annotated[
        list[str] | None, typer.Option(help="A broker's host name or address. Repeatable.")
    ] = None,
    folder: Folder = None,
) -> None:
    """Issues a certificate and a key to each name."""
    where = _certificates(folder)
    audit.record("certificate_issued", names, detail=f"{role} for {days} days")
    for one in where.issue(names, role, datetime.now(UTC), days=days, replica=replica, hosts=host or ()):
        typer.echo(f"{where.files(one.name, one.role, one.replica).certificate}  {one.serial}")


def revoke(
    name: Annotated[str, typer.Argument(help="Whose.")],
    *,
    role: Kind = "device",
    replica: Replica = "",
    folder: Folder = None,
) -> None:
    """Revokes all certificates of a name; the broker honours it for new connections once it gets SIGHUP."""
    where = _certificates(folder)
    audit.record("certificate_revoked", [name], detail=f"{role} {replica}".strip())
    for one in where.revoke(name, role, datetime.now(UTC), replica):
        typer.echo(f"revoked {one.serial} of {role} {one.file_name}")
    typer.echo("tell the broker: kill -HUP its process; who is connected stays until the connection ends")


def listed(*, folder: Folder = None) -> None:
    """Lists what was issued."""
    now = datetime.now(UTC)
    for one in _certificates(folder).listed():
        until = f"until {one.ends_at:%Y-%m-%d}" if one.ends_at > now else f"ended {one.ends_at:%Y-%m-%d}"
        standing = until if one.revoked_at is None else f"revoked {one.revoked_at:%Y-%m-%d %H:%M:%S}Z"
        typer.echo(f"{one.role:<8} {one.file_name:<24} {standing}  {one.serial}")


def hand_out(
    to: Annotated[Path, typer.Option("--to", help="Below this folder, one for each container.")],
    *,
    devices: Annotated[int, typer.Option(min=0, help="Simulated devices that shall have a certificate.")] = 0,
    folder: Folder = None,
) -> None:
    """Makes what is missing (authorities, certificates, Kafka's passwords) and gives each container its own."""
    where = folder or folders.certs()
    names = identity.fleet(devices)
    audit.record("certificates_handed_out", detail=f"brokers, services, {len(names)} simulated devices")
    identity.hand_out(where, to, names)
    typer.echo(f"handed out below {to}")


def _certificates(folder: Path | None) -> Certificates:
    return Certificates(folder or folders.certs())
