"""S3 as Arrow's own file system: for whoever streams whole files, where `source` reads ranges of listed versions."""

from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from pyarrow import fs

from wardstream.lake import source
from wardstream.lake.settings import LakeSettings
from wardstream.runtime.aws import AwsSettings


def filesystem(settings: AwsSettings) -> fs.S3FileSystem:
    """The S3 that the settings name; nothing is asked of it yet."""
    endpoint = urlsplit(settings.aws_endpoint_url_s3 or "")
    elsewhere = {"endpoint_override": endpoint.netloc, "scheme": endpoint.scheme} if endpoint.netloc else {}
    return fs.S3FileSystem(
        region=settings.aws_region,
        connect_timeout=5,
        request_timeout=30,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=3),
        **elsewhere,
    )


def reachable(settings: LakeSettings) -> fs.S3FileSystem:
    """The S3 that the settings name, with the lake's bucket in it; `CannotRun` names the fault otherwise."""
    lake = source.bucket(settings)
    try:
        lake.client.head_bucket(Bucket=lake.name)
    except (ClientError, BotoCoreError) as error:
        raise lake.fault(error) from error
    return filesystem(settings)
