"""AWS clients, or the local servers that stand in for AWS, by boto3's own variables (AWS_ENDPOINT_URL_S3, AWS_REGION, ...)."""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from pydantic import Field

from wardstream.runtime.settings import ServiceSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_iot_data import IoTDataPlaneClient
    from mypy_boto3_s3 import S3Client

_PATIENCE = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 4})


class AwsSettings(ServiceSettings):
    """Where AWS is. Credentials come by boto3's usual chain: a role on ECS, variables or a profile elsewhere."""

    aws_region: str = Field("eu-central-1", description="the region, also for the local servers")
    aws_endpoint_url_s3: str | None = Field(
        None, description="another S3, for example SeaweedFS'; unset: AWS"
    )
    aws_endpoint_url_dynamodb: str | None = Field(None, description="another DynamoDB; unset: AWS")
    aws_endpoint_url_iot_data_plane: str | None = Field(
        None, description="the account's own IoT data endpoint, https://...; unset: the region's"
    )


def s3(settings: AwsSettings) -> "S3Client":
    """A client for S3 with bounded retries."""
    return boto3.client(
        "s3", region_name=settings.aws_region, endpoint_url=settings.aws_endpoint_url_s3, config=_PATIENCE
    )


def dynamodb(settings: AwsSettings) -> "DynamoDBClient":
    """A client for DynamoDB with bounded retries."""
    return boto3.client(
        "dynamodb",
        region_name=settings.aws_region,
        endpoint_url=settings.aws_endpoint_url_dynamodb,
        config=_PATIENCE,
    )


def iot_data(settings: AwsSettings, at_once: int) -> "IoTDataPlaneClient":
    """A client for IoT Core's data plane, with a connection for each of `at_once` threads. It tries once: its caller tries again."""
    return boto3.client(
        "iot-data",
        region_name=settings.aws_region,
        endpoint_url=settings.aws_endpoint_url_iot_data_plane,
        config=Config(
            connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 1}, max_pool_connections=at_once
        ),
    )
