"""The lake's bucket."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from wardstream.runtime.failure import CannotRun

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_THERE = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}


def make(client: "S3Client", name: str, region: str) -> bool:
    """Creates the bucket; False if it was ours already. `CannotRun` says why it can't be had.

    Looks first: where the bucket is there, no right to create one is needed.
    """
    if _is_there(client, name):
        return False
    # us-east-1 is the one region that AWS refuses as a location constraint: it is the default.
    where: Any = (
        {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    )
    try:
        client.create_bucket(Bucket=name, **where)
    except ClientError as error:
        if error.response["Error"]["Code"] in _THERE:
            return _reachable(client, name)
        raise CannotRun(f"S3 will not create bucket {name}: {error.response['Error']['Code']}") from error
    except BotoCoreError as error:
        raise CannotRun(f"S3 does not answer: check AWS_ENDPOINT_URL_S3 ({type(error).__name__})") from error
    return True


def _is_there(client: "S3Client", name: str) -> bool:
    try:
        client.head_bucket(Bucket=name)
    except ClientError:
        return False
    except BotoCoreError as error:
        raise CannotRun(f"S3 does not answer: check AWS_ENDPOINT_URL_S3 ({type(error).__name__})") from error
    return True


def _reachable(client: "S3Client", name: str) -> bool:
    try:
        client.head_bucket(Bucket=name)
    except ClientError as error:
        raise CannotRun(f"bucket {name} exists and is not ours: choose another LAKE_BUCKET") from error
    return False
