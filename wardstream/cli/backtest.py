"""`wardstream backtest`: stored readings through the scorer."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from wardstream.backtest.backtest import Request
from wardstream.backtest.backtest import backtest as run
from wardstream.cli import found


def backtest(
    *,
    readings: Annotated[str, typer.Option(help="A Parquet file, a folder of them, or s3://bucket/prefix.")],
    out: Annotated[Path | None, typer.Option(help="Where the alarms go, as Parquet.")] = None,
    risk: Annotated[Path | None, typer.Option(help="Where each person's risk goes, as CSV.")] = None,
    people: Annotated[Path | None, typer.Option(help="CSV with user_id and age.")] = None,
    models: Annotated[
        Path | None, typer.Option(help="Personal models, one JSON a line, as topic user-models holds them.")
    ] = None,
    limits: Annotated[
        Path | None, typer.Option(help="Limits for everybody, as LIMITS_FILE: TOML or JSON.")
    ] = None,
    explain: Annotated[str | None, typer.Option(help="An alarm id: prints every step of it.")] = None,
    clinical_only: Annotated[bool, typer.Option(help="Without the personal tier.")] = False,
) -> None:
    """Would this have fired, and why? Runs stored readings through the scorer that the processor runs."""
    found.use_local_servers()
    request = Request(readings, out, risk, people, models, limits, explain, has_model=not clinical_only)
    summary = run(request)
    typer.echo(
        f"{summary.readings} readings of {summary.people} people, {summary.repeated} of them repeated: "
        f"{summary.alarms} alarms, {summary.anomalies} anomalies"
    )
    for step in summary.explained:
        typer.echo(msgspec.json.format(msgspec.json.encode(step), indent=2).decode())
    if explain is not None and not summary.explained:
        typer.echo(f"no alarm {explain} came of these readings")
        raise typer.Exit(1)
