"""`wardstream export | erase`: what one person may ask of us."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from wardstream.cli import audit, found
from wardstream.cli.lake import INTERRUPTED
from wardstream.person import erase as erasing
from wardstream.person import export as exporting
from wardstream.person.journal import Journal
from wardstream.person.receipt import receipt, text
from wardstream.person.settings import PersonSettings
from wardstream.runtime import logs
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.settings import load

Receipts = Annotated[
    Path | None, typer.Option("--receipt", help="Write the receipt here too, as JSON.", dir_okay=False)
]
User = Annotated[str, typer.Option("--user", help="Whose data: the user_id.")]


def export(
    *,
    user: User,
    form: Annotated[exporting.Form, typer.Option("--format", help="How the copy is written.")],
    out: Annotated[Path, typer.Option("--out", help="A new or empty folder for it.", file_okay=False)],
) -> None:
    """Writes a copy of everything about one person into a folder."""
    found.use_local_servers()
    settings = load(PersonSettings)
    logs.configure("export", settings.log_level)
    done = exporting.export(settings, user, form, out, audit.about(user))
    for name, count in done.rows.items():
        typer.echo(f"{name}: {count:,}")
    typer.echo(f"devices: {len(done.devices)}, model: {'yes' if done.model else 'no'}")
    if done.cold_dates:
        first, last = done.cold_dates[0], done.cold_dates[-1]
        typer.echo(
            f"not complete: {len(done.cold_dates)} dates have files in cold storage; "
            f"`wardstream restore --from {first} --to {last}`, then export again into another folder"
        )


def erase(
    *,
    user: Annotated[str | None, typer.Option("--user", help="Whom to forget: the user_id.")] = None,
    request: Annotated[
        str | None,
        typer.Option(
            help="A name for the request; without one, the person's unfinished request or a new one.",
            metavar="[A-Za-z0-9-]",
        ),
    ] = None,
    pending: Annotated[
        bool, typer.Option("--pending", help="Go on with every request that waits for cold storage.")
    ] = False,
    receipt_file: Receipts = None,
) -> None:
    """Forgets one person everywhere and prints a receipt; killed or interrupted, it goes on when run again."""
    if (user is None) != pending:
        raise CannotRun("name one person with --user, or say --pending")
    if request is not None and not request.replace("-", "").isalnum():
        raise CannotRun("a request's name has letters, digits and hyphens")
    found.use_local_servers()
    settings = load(PersonSettings)
    logs.configure("erase", settings.log_level)
    try:
        done = (
            erasing.go_on(settings, audit.of_person)
            if user is None
            else [erasing.erase(settings, user, request, audit.about(user))]
        )
    except KeyboardInterrupt:
        typer.echo("interrupted: run it again to go on", err=True)
        raise typer.Exit(INTERRUPTED) from None
    _hand_out(done, receipt_file)


def _hand_out(done: list[Journal], file: Path | None) -> None:
    said = [receipt(one) for one in done]
    typer.echo("\n".join(map(text, said)) if said else "nothing is pending")
    if file is not None:
        whole = said[0] if len(said) == 1 else said
        file.write_bytes(msgspec.json.format(msgspec.json.encode(whole)) + b"\n")
