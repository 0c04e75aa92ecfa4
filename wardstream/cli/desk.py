"""`wardstream alarms | ack | snooze | window | limits`: what people at a desk do."""

import time
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from wardstream.cli import audit, found
from wardstream.contracts.alarm_action import Acknowledge, SetLimits, Snooze, Window
from wardstream.contracts.anomaly import Direction
from wardstream.desk import moments, pairs
from wardstream.desk.alarms import Asked, Wanted, owner_of
from wardstream.desk.alarms import alarms as alarms_asked_for
from wardstream.desk.say import action, say
from wardstream.desk.settings import DeskSettings
from wardstream.runtime import aws
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.settings import load

T = TypeVar("T")

By = Annotated[str, typer.Option("--by", help="Who does this.")]
User = Annotated[str, typer.Argument(help="The user_id of whom it is about.")]


def alarms(
    *,
    user: Annotated[
        str | None, typer.Option(help="Of this person only; else the whole table is read.")
    ] = None,
    state: Annotated[Wanted, typer.Option(help="In which state; current: not cleared.")] = "current",
    since: Annotated[str | None, typer.Option("--from", help="Raised from then on, ISO 8601 (UTC).")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Raised before then.")] = None,
) -> None:
    """Lists alarms, the oldest first."""
    settings = _settings()
    asked = Asked(user, state, _said(moments.instant_us, since), _said(moments.instant_us, until))
    for row in alarms_asked_for(aws.dynamodb(settings), asked):
        seen = f" by {row.acknowledged_by}" if row.acknowledged_by else ""
        again = f", said {row.reminder + 1} times" if row.reminder else ""
        typer.echo(
            f"{row.alarm_id}  {row.raised_at[:19]}Z  {row.user_id}  {row.priority} {row.kind}, "
            f"{row.state}{seen}{again}: {row.sentence}"
        )


def ack(
    alarm_id: Annotated[str, typer.Argument(help="The alarm's id, as `wardstream alarms` shows it.")],
    *,
    by: By,
    user: Annotated[
        str | None, typer.Option(help="Whose alarm it is; spares a look through the table.")
    ] = None,
) -> None:
    """Acknowledges an alarm: no more reminders of it."""
    settings = _settings()
    owner = user or owner_of(aws.dynamodb(settings), alarm_id)
    said = _checked(lambda: action(owner, by, _now_us(), Acknowledge(alarm_id=alarm_id)))
    audit.record("acknowledged", [owner], by=by, detail=alarm_id)
    say(settings, said)
    typer.echo(f"told: {by} has seen {alarm_id}")


def snooze(
    user: User,
    vital: Annotated[str, typer.Argument(help="heart_rate_bpm, spo2_pct, ...")],
    direction: Annotated[Direction, typer.Argument(help="low or high; the other one is not touched.")],
    *,
    lasts: Annotated[str, typer.Option("--for", help="30m, 2h; 24h at most; 0m ends a snooze.")],
    by: By,
) -> None:
    """Raises nothing of this vital in this direction for a while, except danger."""
    now_us = _now_us()
    until_us = now_us + _checked(lambda: moments.duration_us(lasts))
    said = _checked(
        lambda: action(
            user,
            by,
            now_us,
            Snooze(vital=pairs.vital_named(vital), direction=direction, until_us=until_us),
        )
    )
    settings = _settings()
    audit.record("snoozed", [user], by=by, detail=f"{vital} {direction} for {lasts}")
    say(settings, said)
    typer.echo(f"told: {vital} {direction} of {user} is snoozed for {lasts}")


def window(
    user: User,
    *,
    lasts: Annotated[str, typer.Option("--for", help="30m, 2h; 7d at most; 0m ends a window.")],
    by: By,
    start: Annotated[str | None, typer.Option("--from", help="ISO 8601 (UTC).", show_default="now")] = None,
    vital: Annotated[str | None, typer.Option(help="Of this vital only.", show_default="all")] = None,
    clinical: Annotated[
        bool, typer.Option("--clinical", help="Clinical alarms too, danger included; 4h at most.")
    ] = False,
) -> None:
    """Opens a maintenance window: nothing personal or technical is raised in it."""
    now_us = _now_us()
    from_us = _said(moments.instant_us, start)
    from_us = now_us if from_us is None else from_us
    opened = _checked(
        lambda: Window(
            from_us=from_us,
            until_us=from_us + moments.duration_us(lasts),
            vital=None if vital is None else pairs.vital_named(vital),
            includes_clinical=clinical,
        )
    )
    said = _checked(lambda: action(user, by, now_us, opened))
    settings = _settings()
    audit.record("window_opened", [user], by=by, detail=f"for {lasts}{', clinical' if clinical else ''}")
    say(settings, said)
    typer.echo(f"told: {user} is in a window for {lasts}")


def limits(
    user: User,
    *,
    by: By,
    clinical: Annotated[
        list[str] | None, typer.Option(help="What alarms: heart_rate_bpm=45:150. Repeatable.")
    ] = None,
    simple: Annotated[list[str] | None, typer.Option(help="What is an anomaly: spo2_pct=92:")] = None,
) -> None:
    """Sets one person's limits in place of all they had; without any, everybody's limits hold again."""
    said = _checked(
        lambda: SetLimits(
            user_id=user,
            by=by,
            at_us=_now_us(),
            simple=pairs.pairs(simple or ()),
            clinical=pairs.pairs(clinical or ()),
        )
    )
    settings = _settings()
    # Which limits is on the topic; here are no numbers of anybody's.
    audit.record("limits_set", [user], by=by, detail=",".join(sorted({*said.simple, *said.clinical})))
    say(settings, said)
    typer.echo(f"told: {user} has these limits")


def _settings() -> DeskSettings:
    found.use_local_servers()
    return load(DeskSettings)


def _now_us() -> int:
    return time.time_ns() // 1000


def _said(read: Callable[[str], T], text: str | None) -> T | None:
    return None if text is None else _checked(lambda: read(text))


def _checked(made: Callable[[], T]) -> T:
    try:
        return made()
    except ValueError as error:
        raise CannotRun(str(error)) from error
