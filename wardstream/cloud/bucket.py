"""The bucket that templates are deployed from. It belongs to no stack: the first one needs it before there is any."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from wardstream.cloud.preflight import Place
from wardstream.cloud.templates import Packaged
from wardstream.runtime.failure import CannotRun

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def name(place: Place) -> str:
    """One for each account and region."""
    return f"wardstream-packages-{place.account}-{place.region}"


def address(place: Place) -> str:
    """Where CloudFormation finds what lies in it."""
    return f"https://{name(place)}.s3.{place.region}.amazonaws.com"


def upload(client: "S3Client", place: Place, packaged: Packaged) -> str:
    """Puts the files there and returns the root template's address; makes the bucket if it is missing."""
    try:
        _make(client, place)
        for key, content in packaged.files.items():
            client.put_object(Bucket=name(place), Key=key, Body=content.encode(), ContentType="text/yaml")
    except ClientError as error:
        raise CannotRun(f"S3 refuses bucket {name(place)}: {error.response['Error']['Message']}") from error
    return f"{address(place)}/{packaged.root}"


def _make(client: "S3Client", place: Place) -> None:
    try:
        client.head_bucket(Bucket=name(place))
    except ClientError:
        where: Any = (
            {}
            if place.region == "us-east-1"
            else {"CreateBucketConfiguration": {"LocationConstraint": place.region}}
        )
        client.create_bucket(Bucket=name(place), **where)
        client.put_public_access_block(
            Bucket=name(place),
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
        )
