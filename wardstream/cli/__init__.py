"""`wardstream`: the command line. Every command ends a fault in one line and exit code 1."""

import functools
from collections.abc import Callable
from typing import Any

import typer

from wardstream.cli import audit, backtest, certs, desk, instance, lake, models, person, pipeline
from wardstream.runtime.failure import CannotRun

app = typer.Typer(
    help="Watches many people's vital signs at once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _faults_in_one_line(command: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except CannotRun as fault:
            typer.echo(f"wardstream {command.__name__.rstrip('_')}: {fault}", err=True)
            raise typer.Exit(1) from None

    return wrapped


for _command in (
    pipeline.demo,
    instance.up,
    instance.status,
    instance.down,
    lake.query,
    desk.alarms,
    desk.ack,
    desk.snooze,
    desk.window,
    desk.limits,
    lake.restore,
    person.export,
    person.erase,
    backtest.backtest,
    pipeline.report,
    pipeline.provision,
    pipeline.register,
    pipeline.repartition,
):
    app.command()(_faults_in_one_line(_command))

_models = typer.Typer(help="Personal models: which are in force, and going back.", no_args_is_help=True)
_models.command("list")(_faults_in_one_line(models.list_))
for _subcommand in (models.show, models.rollback, models.promote, models.publish, models.forget):
    _models.command()(_faults_in_one_line(_subcommand))
app.add_typer(_models, name="models")

_certs = typer.Typer(help="Certificates of devices, services and the local broker.", no_args_is_help=True)
for _name, _of_certs in (
    ("init", certs.init),
    ("issue", certs.issue),
    ("revoke", certs.revoke),
    ("list", certs.listed),
    ("hand-out", certs.hand_out),
):
    _certs.command(_name)(_faults_in_one_line(_of_certs))
app.add_typer(_certs, name="certs")

_audit = typer.Typer(help="The record of who did what with people's data.", no_args_is_help=True)
for _name, _of_audit in (("verify", audit.verify), ("head", audit.head), ("list", audit.listed)):
    _audit.command(_name)(_faults_in_one_line(_of_audit))
app.add_typer(_audit, name="audit")
