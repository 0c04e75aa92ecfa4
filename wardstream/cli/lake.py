"""`wardstream query`: SQL over the lake."""

import sys
from typing import Annotated

import typer

from wardstream.cli import found
from wardstream.lake import query as lake
from wardstream.lake.output import Format
from wardstream.lake.settings import LakeSettings
from wardstream.runtime.settings import load


def query(
    sql: Annotated[str, typer.Argument(help="A SELECT over the view iot_data or the table readings.")],
    *,
    form: Annotated[Format, typer.Option("--format", help="How rows are written.")] = "table",
) -> None:
    """Answers a SQL question from the lake, row by row."""
    found.use_local_servers()
    try:
        lake.query(sql, load(LakeSettings), sys.stdout, form)
        sys.stdout.flush()
    except BrokenPipeError:
        # `| head` has enough. Python would complain once more when it closes standard output itself.
        sys.stderr.close()
        raise typer.Exit(0) from None
