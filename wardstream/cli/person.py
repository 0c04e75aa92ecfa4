"""`wardstream export | erase`: what one person may ask of us."""

from pathlib import Path
from typing import Annotated

import typer

from wardstream.cli import found
from wardstream.person import deeds
from wardstream.person import export as exporting
from wardstream.person.settings import PersonSettings
from wardstream.runtime import logs
from wardstream.runtime.settings import load

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
    done = exporting.export(settings, user, form, out, deeds.logged)
    for name, count in done.rows.items():
        typer.echo(f"{name}: {count:,}")
    typer.echo(f"devices: {len(done.devices)}, model: {'yes' if done.model else 'no'}")
    if done.cold_dates:
        first, last = done.cold_dates[0], done.cold_dates[-1]
        typer.echo(
            f"not complete: {len(done.cold_dates)} dates have files in cold storage; "
            f"`wardstream restore --from {first} --to {last}`, then export again into another folder"
        )
