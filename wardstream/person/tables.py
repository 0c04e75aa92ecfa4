"""A person's items in DynamoDB: read for a copy, deleted for an erasure.

Alarms are found by their key. Anomalies are keyed by device, and a device may have been anybody's: the whole table is
scanned. That costs a read of every item, and is sure.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import BotoCoreError, ClientError

from wardstream.contracts.tables import ALARM_TABLE, ANOMALY_TABLE
from wardstream.runtime.failure import CannotRun

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = Mapping[str, Any]
_KEYS = {ANOMALY_TABLE: ("deviceid", "timestamp"), ALARM_TABLE: ("user_id", "alarm")}
_MOST_AT_ONCE = 25


def alarms_of(client: "DynamoDBClient", user_id: str) -> Iterator[Item]:
    """Every alarm of this person, typed as DynamoDB has it, in order of when it was raised."""
    return _items(
        lambda after: client.query(
            TableName=ALARM_TABLE,
            KeyConditionExpression="user_id = :user",
            ExpressionAttributeValues={":user": {"S": user_id}},
            ConsistentRead=True,
            **after,
        ),
        ALARM_TABLE,
    )


def anomalies_of(client: "DynamoDBClient", user_id: str) -> Iterator[Item]:
    """Every anomaly of this person, typed as DynamoDB has it, in no order."""
    return _items(
        lambda after: client.scan(
            TableName=ANOMALY_TABLE,
            FilterExpression="user_id = :user",
            ExpressionAttributeValues={":user": {"S": user_id}},
            ConsistentRead=True,
            **after,
        ),
        ANOMALY_TABLE,
    )


def _items(page: Callable[[dict[str, Any]], Any], table: str) -> Iterator[Item]:
    after: dict[str, Any] = {}
    while True:
        try:
            answer = page(after)
        except (ClientError, BotoCoreError) as error:
            raise _fault(error, table) from error
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        after = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def plain(item: Item) -> dict[str, Any]:
    """The item's values as Python's."""
    read = TypeDeserializer().deserialize
    return {name: read(value) for name, value in item.items()}


def delete(client: "DynamoDBClient", table: str, items: Iterator[Item]) -> int:
    """Deletes these items of the table; how many there were. Deleting again is harmless."""
    count = 0
    waiting: list[Any] = []
    for item in items:
        key = {name: item[name] for name in _KEYS[table]}
        waiting.append({"DeleteRequest": {"Key": key}})
        count += 1
        if len(waiting) == _MOST_AT_ONCE:
            _delete_now(client, table, waiting)
            waiting = []
    _delete_now(client, table, waiting)
    return count


def _delete_now(client: "DynamoDBClient", table: str, waiting: list[Any]) -> None:
    # What it had no room for it hands back; botocore's own pauses slow us when it is throttled.
    while waiting:
        try:
            answer = client.batch_write_item(RequestItems={table: waiting})
        except (ClientError, BotoCoreError) as error:
            raise _fault(error, table) from error
        waiting = list(answer.get("UnprocessedItems", {}).get(table, []))


def _fault(error: ClientError | BotoCoreError, table: str) -> CannotRun:
    if not isinstance(error, ClientError):
        return CannotRun("DynamoDB does not answer: check AWS_ENDPOINT_URL_DYNAMODB and the network")
    said = error.response["Error"]["Code"]
    if said == "ResourceNotFoundException":
        return CannotRun(f"DynamoDB has no table {table}: create it with `wardstream provision`")
    return CannotRun(f"DynamoDB will not have it, table {table}: {said}")
