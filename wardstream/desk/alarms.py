"""The alarms in DynamoDB, as `alarm_store` keeps them: each as its newest step left it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from wardstream.contracts.tables import ALARM_TABLE
from wardstream.contracts.units import utc
from wardstream.runtime.failure import CannotRun

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# `current`: not cleared.
Wanted = Literal["current", "active", "acknowledged", "cleared", "all"]

_STATES: dict[Wanted, tuple[str, ...]] = {
    "current": ("active", "acknowledged"),
    "active": ("active",),
    "acknowledged": ("acknowledged",),
    "cleared": ("cleared",),
    "all": ("active", "acknowledged", "cleared"),
}
# They sort before and behind every year.
_BEGINNING = "0"
_END = "~"


class Row(NamedTuple):
    """What the table says of one alarm. Instants are ISO 8601, UTC."""

    alarm_id: str
    user_id: str
    raised_at: str
    state: str
    priority: str
    kind: str
    reminder: int
    acknowledged_by: str
    sentence: str


class Asked(NamedTuple):
    """Which alarms: of one person or (None) of all, raised from an instant to before another."""

    user_id: str | None = None
    state: Wanted = "current"
    from_us: int | None = None
    to_us: int | None = None


def alarms(client: "DynamoDBClient", asked: Asked) -> list[Row]:
    """The alarms asked for, the oldest first; `CannotRun` if DynamoDB doesn't tell.

    Of one person it costs what is found, of all a scan of the table.
    """
    try:
        return sorted(map(_row, _items(client, asked)), key=lambda row: (row.raised_at, row.alarm_id))
    except (ClientError, BotoCoreError) as error:
        raise CannotRun(f"cannot read DynamoDB table {ALARM_TABLE}: {error}") from error


def owner_of(client: "DynamoDBClient", alarm_id: str) -> str:
    """Whose alarm it is, by a scan; `CannotRun` if there is none of that id."""
    for row in alarms(client, Asked(state="all")):
        if row.alarm_id == alarm_id:
            return row.user_id
    raise CannotRun(f"there is no alarm {alarm_id}: `wardstream alarms` lists them")


def _items(client: "DynamoDBClient", asked: Asked) -> Iterator[dict[str, Any]]:
    states = {f":state{n}": {"S": state} for n, state in enumerate(_STATES[asked.state])}
    values: dict[str, Any] = {
        ":from": {"S": _BEGINNING if asked.from_us is None else _key(asked.from_us)},
        ":to": {"S": _END if asked.to_us is None else _key(asked.to_us)},
    }
    when, is_wanted = "alarm BETWEEN :from AND :to", f"#state IN ({', '.join(states)})"
    names = {"#state": "state"}
    if asked.user_id is None:
        pages: Any = client.get_paginator("scan").paginate(
            TableName=ALARM_TABLE,
            FilterExpression=f"{when} AND {is_wanted}",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values | states,
        )
    else:
        pages = client.get_paginator("query").paginate(
            TableName=ALARM_TABLE,
            KeyConditionExpression=f"user_id = :user AND {when}",
            FilterExpression=is_wanted,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values | states | {":user": {"S": asked.user_id}},
        )
    for page in pages:
        yield from page["Items"]


def _key(microseconds: int) -> str:
    """As the sort key begins: what was raised then or later sorts behind it."""
    return utc(microseconds).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _row(item: dict[str, Any]) -> Row:
    def text(name: str) -> str:
        return str(item.get(name, {}).get("S", ""))

    return Row(
        text("alarm_id"),
        text("user_id"),
        text("raised_at"),
        text("state"),
        text("priority"),
        text("kind"),
        int(item.get("reminder", {}).get("N", "0")),
        text("acknowledged_by"),
        text("sentence"),
    )
