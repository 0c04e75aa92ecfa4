"""`wardstream up | status | down`: what runs on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from wardstream.local import folders, instance, leftovers
from wardstream.local.services import SERVICES
from wardstream.local.state import State

# LSB: a status command's answer for "not running".
NOT_RUNNING = 3

Folder = Annotated[
    Path | None,
    typer.Option(
        envvar="WARDSTREAM_FOLDER", help="Where data, logs and state are.", show_default=".wardstream/up"
    ),
]


def up(
    *,
    servers_only: Annotated[
        bool, typer.Option("--servers-only", help="Start Kafka, MQTT, S3 and DynamoDB, and no service.")
    ] = False,
    folder: Folder = None,
) -> None:
    """Starts servers and services in the background, or finds them running; prints where they are."""
    running, started = instance.up(folder or folders.instance(), () if servers_only else SERVICES)
    typer.echo("# started" if started else f"# already running: {_names(running)}")
    _print_addresses(running)


def status(*, folder: Folder = None) -> None:
    """Says what runs; exit code 3 when it isn't up."""
    where = folder or folders.instance()
    running = instance.status(where)
    if running is None:
        fault = instance.last_fault(where)
        typer.echo(f"not up: the last run ended by itself\n{fault}" if fault else "not up")
        raise typer.Exit(NOT_RUNNING)
    for process in running.processes:
        found = leftovers.find(process)
        size = f"{found.memory_info().rss // 2**20} MB" if found else "gone"
        health = f"http://127.0.0.1:{process.health_port}" if process.health_port else ""
        typer.echo(f"{process.name:<18} pid {process.pid:<8} {size:>8}  {health}".rstrip())
    if running.addresses is None:
        typer.echo("still starting")
        raise typer.Exit(NOT_RUNNING)
    _print_addresses(running)


def down(*, folder: Folder = None) -> None:
    """Stops what `up` started; data stays."""
    typer.echo("stopped" if instance.down(folder or folders.instance()) else "nothing ran")


def _names(running: State) -> str:
    return ", ".join(process.name for process in running.processes)


def _print_addresses(running: State) -> None:
    if running.addresses is not None:
        for name, text in running.addresses.environment().items():
            typer.echo(f"export {name}={text}")
