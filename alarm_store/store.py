"""DynamoDB: conditional writes, and what its errors mean for us."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
)

from alarm_store.items import Item
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.tables import ALARM_TABLE, ANOMALY_TABLE
from wardstream.runtime.failure import CannotRun

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEYS = {ANOMALY_TABLE: ["deviceid", "timestamp"], ALARM_TABLE: ["user_id", "alarm"]}
_REFUSED = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "UnrecognizedClientException",
}
_BUSY = {
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
}
_NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, TokenRetrievalError)
_SERVER_FAULT = 500


class Busy(Exception):  # noqa: N818 -- a sentence: "raise Busy"
    """DynamoDB can't take this now and may later: wait and repeat. The message says what it answered."""


class Kept(Enum):
    """What came of a write."""

    WRITTEN = auto()
    REPEATED = auto()  # the table had it already, or had newer


class Store:
    """The two tables. Safe to use from many threads."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self._client = client
        self._serializer = TypeSerializer()

    def check(self) -> None:
        """Makes sure both tables are there with the keys we write; `CannotRun` says what's wrong, `Busy` that it's away."""
        for table, keys in _KEYS.items():
            try:
                found = self._client.describe_table(TableName=table)["Table"]["KeySchema"]
            except (ClientError, BotoCoreError) as error:
                raise _meaning(error, table) from error
            if [part["AttributeName"] for part in found] != keys:
                raise CannotRun(f"table {table} has other keys than {' and '.join(keys)}: it isn't ours")

    def put(self, item: Item) -> Kept:
        """Writes the item unless its condition says that the table has it. `Malformed` if DynamoDB can't hold it."""
        values: dict[str, Any] = (
            {"ExpressionAttributeValues": self._typed(item.only_if_values)} if item.only_if_values else {}
        )
        try:
            self._client.put_item(
                TableName=item.table,
                Item=self._typed(item.attributes),
                ConditionExpression=item.only_if,
                **values,
            )
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and _code(error) == "ConditionalCheckFailedException":
                return Kept.REPEATED
            raise _meaning(error, item.table) from error
        return Kept.WRITTEN

    def _typed(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._serializer.serialize(value) for name, value in attributes.items()}


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def _meaning(error: ClientError | BotoCoreError, table: str) -> Exception:
    if isinstance(error, ClientError):
        return _answered(error, table)
    if isinstance(error, _NO_CREDENTIALS):
        return CannotRun("there are no AWS credentials: set AWS_ACCESS_KEY_ID, a profile or a role")
    # The rest of botocore's own errors are about reaching DynamoDB: refused, reset, timed out, not resolved.
    return Busy(type(error).__name__)


def _answered(error: ClientError, table: str) -> Exception:
    said = _code(error)
    if said == "ResourceNotFoundException":
        return CannotRun(f"DynamoDB has no table {table}: create it with `wardstream provision`")
    if said in _REFUSED:
        return CannotRun(f"DynamoDB refuses our credentials ({said}): check AWS_ACCESS_KEY_ID and the policy")
    if said == "ValidationException":
        return Malformed("format", "DynamoDB can't hold it")
    if said in _BUSY or error.response["ResponseMetadata"]["HTTPStatusCode"] >= _SERVER_FAULT:
        return Busy(said)
    return error
