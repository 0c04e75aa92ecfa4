"""DynamoDB: conditional writes, and what its errors mean for us."""

from collections.abc import Mapping, Sequence
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
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
}
_NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, TokenRetrievalError)
_SERVER_FAULT = 500
# Statements that DynamoDB takes in one request.
MOST_AT_ONCE = 25
# A statement's error codes (API reference, BatchStatementError) are those of a request under shorter names.
_LONGER = {
    "AccessDenied": "AccessDeniedException",
    "InternalServerError": "InternalServerError",
    "ItemCollectionSizeLimitExceeded": "ValidationException",
    "ProvisionedThroughputExceeded": "ProvisionedThroughputExceededException",
    "RequestLimitExceeded": "RequestLimitExceeded",
    "ResourceNotFound": "ResourceNotFoundException",
    "ThrottlingError": "ThrottlingException",
    "TransactionConflict": "TransactionConflictException",
    "ValidationError": "ValidationException",
}


class Busy(Exception):  # noqa: N818 -- a sentence: "raise Busy"
    """DynamoDB can't take this now and may later: wait and repeat. The message says what it answered."""


class Kept(Enum):
    """What came of a write."""

    WRITTEN = auto()
    REPEATED = auto()  # the table had it already, or had newer


Outcome = Kept | Busy | Malformed


def is_insert(item: Item) -> bool:
    """Whether its only condition is that the table has no item of its key: what PartiQL's INSERT means."""
    return item.only_if == f"attribute_not_exists({_KEYS[item.table][0]})"


def key(item: Item) -> tuple[object, ...]:
    """What tells it from every other item."""
    return (item.table, *(item.attributes[name] for name in _KEYS[item.table]))


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

    def put(self, items: Sequence[Item]) -> list[Outcome]:
        """Writes each item unless its condition says that the table has it; what came of each, in order.

        More than one, up to `MOST_AT_ONCE`, must be inserts of different keys: they go in one request. Any of them may be
        written and another not. `CannotRun` where waiting won't help.
        """
        try:
            return [self._put(items[0])] if len(items) == 1 else self._insert(items)
        except Busy as busy:
            return [busy] * len(items)
        except Malformed as fault:
            # Of one item that is DynamoDB's word; of several, nobody knows whose fault it is: each by itself.
            return [fault] if len(items) == 1 else [self.put([item])[0] for item in items]

    def _put(self, item: Item) -> Kept:
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

    def _insert(self, items: Sequence[Item]) -> list[Outcome]:
        statements: list[Any] = [
            {"Statement": _statement(item), "Parameters": list(self._typed(item.attributes).values())}
            for item in items
        ]
        try:
            answers = self._client.batch_execute_statement(Statements=statements)["Responses"]
        except (ClientError, BotoCoreError) as error:
            raise _meaning(error, items[0].table) from error
        return [
            _inserted(answer.get("Error"), item.table) for item, answer in zip(items, answers, strict=True)
        ]

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


def _statement(item: Item) -> str:
    # Values are parameters; names are ours, and none holds a quote.
    fields = ", ".join(f"'{name}': ?" for name in item.attributes)
    return f'INSERT INTO "{item.table}" VALUE {{{fields}}}'


def _inserted(error: Mapping[str, Any] | None, table: str) -> Outcome:
    if error is None:
        return Kept.WRITTEN
    if error["Code"] == "DuplicateItem":
        return Kept.REPEATED
    meaning = _said(_LONGER.get(error["Code"], error["Code"]), table)
    if isinstance(meaning, Busy | Malformed):
        return meaning
    raise meaning or RuntimeError(f"DynamoDB: {error['Code']}")


def _answered(error: ClientError, table: str) -> Exception:
    if error.response["ResponseMetadata"]["HTTPStatusCode"] >= _SERVER_FAULT:
        return Busy(_code(error))
    return _said(_code(error), table) or error


def _said(code: str, table: str) -> CannotRun | Malformed | Busy | None:
    """What an error code means; None: nobody foresaw it."""
    if code == "ResourceNotFoundException":
        return CannotRun(f"DynamoDB has no table {table}: create it with `wardstream provision`")
    if code in _REFUSED:
        return CannotRun(f"DynamoDB refuses our credentials ({code}): check AWS_ACCESS_KEY_ID and the policy")
    if code == "ValidationException":
        return Malformed("format", "DynamoDB can't hold it")
    return Busy(code) if code in _BUSY else None
