"""`wardstream query | restore`: SQL over the lake, and bringing back what lies in cold storage."""

import sys
from datetime import datetime
from typing import Annotated

import typer

from wardstream.cli import audit, found
from wardstream.lake import progress, source
from wardstream.lake import query as lake
from wardstream.lake import restore as restoring
from wardstream.lake.objects import TABLES, listed
from wardstream.lake.output import Format
from wardstream.lake.prices import hint
from wardstream.lake.settings import LakeSettings
from wardstream.runtime.settings import load

# The shell's own: 128 and the signal's number.
INTERRUPTED = 130


def query(
    sql: Annotated[str, typer.Argument(help="A SELECT over the view iot_data or the table readings.")],
    *,
    form: Annotated[Format, typer.Option("--format", help="How rows are written.")] = "table",
    stats: Annotated[
        bool, typer.Option("--stats", help="Say on standard error what was read, also if it is no terminal.")
    ] = False,
) -> None:
    """Answers a SQL question from the lake, row by row."""
    found.use_local_servers()
    audit.record("queried", audit.named(sql))
    heard: list[lake.Asked] = []

    def begin(asked: lake.Asked) -> None:
        heard.append(asked)
        follow(asked)

    try:
        with progress.shown() as follow:
            lake.query(sql, load(LakeSettings), sys.stdout, form, begin)
        sys.stdout.flush()
    except BrokenPipeError:
        # `| head` has enough. Python would complain once more when it closes standard output itself.
        sys.stderr.close()
        raise typer.Exit(0) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    for asked in heard:
        _tell(asked, stats=stats or sys.stderr.isatty())


def _tell(asked: lake.Asked, *, stats: bool) -> None:
    if stats:
        typer.echo(progress.said(asked), err=True)
    if cold := progress.too_cold(asked):
        typer.echo(cold, err=True)


def restore(
    *,
    first: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First date (measured, UTC).")
    ],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last date, inclusive.")],
    days: Annotated[int, typer.Option(min=1, help="How long it stays readable, days.")] = 7,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would ask for, and ask nothing.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Watch until all can be read.")] = True,
) -> None:
    """Brings dates back from cold storage; interrupted, it goes on when run again."""
    found.use_local_servers()
    settings = load(LakeSettings)
    bucket = source.bucket(settings)
    if not dry_run:
        audit.record("restored", detail=f"{first:%Y-%m-%d} to {last:%Y-%m-%d}")
    prefixes = restoring.folders(TABLES, first.date(), last.date())
    try:
        if dry_run:
            _plan(restoring.standing(listed(bucket, prefixes)), days)
        elif wait:
            restoring.restore(bucket, prefixes, days, settings.restore_poll_s, told=_watched)
        else:
            now = restoring.standing(listed(bucket, prefixes))
            restoring.ask(bucket, now.cold, days)
            _watched(now._replace(cold=[], on_the_way=[*now.on_the_way, *now.cold]))
    except KeyboardInterrupt:
        typer.echo("what was asked for goes on in S3; run this again to watch it", err=True)
        raise typer.Exit(INTERRUPTED) from None


def _plan(now: restoring.Standing, days: int) -> None:
    of = progress.size(sum(one.size_bytes for one in now.cold))
    costs = hint(now.cold, days)
    _watched(now)
    typer.echo(
        f"would ask for {len(now.cold)} objects, {of}; about {costs.usd:.2f} USD, and up to {costs.hours} hours"
    )


def _watched(now: restoring.Standing) -> None:
    """A line for each look: who waits for hours reads it in a log as well as on a terminal."""
    typer.echo(
        f"{len(now.hot) + len(now.restored)} of {sum(map(len, now))} objects can be read; "
        f"{len(now.on_the_way)} are on their way, {len(now.cold)} still cold"
    )
