"""Surveying the stores: alarm ids in DynamoDB."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from wardstream.contracts.tables import ALARM_TABLE
from wardstream.runtime.failure import CannotRun

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def alarm_ids(client: "DynamoDBClient") -> set[str]:
    """The alarm ids that the table holds; the sort key is `<raised at>#<alarm id>`."""
    pages = client.get_paginator("scan").paginate(TableName=ALARM_TABLE, ProjectionExpression="alarm")
    try:
        return {item["alarm"]["S"].rpartition("#")[2] for page in pages for item in page["Items"]}
    except (ClientError, BotoCoreError) as error:
        raise CannotRun(f"cannot read DynamoDB table {ALARM_TABLE}: {error}") from error
