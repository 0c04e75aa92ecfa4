"""DynamoDB tables for anomalies and alarms."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from wardstream.contracts.tables import ALARM_TABLE, ANOMALY_TABLE
from wardstream.runtime.failure import CannotRun

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# (table, partition key, sort key); all keys are strings.
KEYS = (
    (ANOMALY_TABLE, "deviceid", "timestamp"),
    (ALARM_TABLE, "user_id", "alarm"),
)
TTL_ATTRIBUTE = "expires_at"


def make(client: "DynamoDBClient") -> list[str]:
    """Creates the tables that are missing, with TTL, and returns their names."""
    return [name for name, partition, sort in KEYS if _make_one(client, name, partition, sort)]


def _make_one(client: "DynamoDBClient", name: str, partition: str, sort: str) -> bool:
    if _is_there(client, name):
        return False
    try:
        client.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": partition, "KeyType": "HASH"},
                {"AttributeName": sort, "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": partition, "AttributeType": "S"},
                {"AttributeName": sort, "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceInUseException":
            return False
        raise CannotRun(
            f"DynamoDB will not create table {name}: {error.response['Error']['Code']}"
        ) from error
    except BotoCoreError as error:
        raise CannotRun(
            f"DynamoDB does not answer: check AWS_ENDPOINT_URL_DYNAMODB ({type(error).__name__})"
        ) from error
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    client.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": TTL_ATTRIBUTE}
    )
    return True


def _is_there(client: "DynamoDBClient", name: str) -> bool:
    """So that where the table is, no right to create one is needed."""
    try:
        client.describe_table(TableName=name)
    except ClientError:
        return False
    except BotoCoreError as error:
        raise CannotRun(
            f"DynamoDB does not answer: check AWS_ENDPOINT_URL_DYNAMODB ({type(error).__name__})"
        ) from error
    return True
