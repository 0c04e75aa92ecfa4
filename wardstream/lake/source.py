"""The lake's files in S3 as one Arrow dataset."""

from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow import fs

from wardstream.contracts.tables import LAKE_READINGS
from wardstream.lake.schema import FOLDERS, LAKE_SCHEMA
from wardstream.lake.settings import LakeSettings
from wardstream.runtime.aws import AwsSettings
from wardstream.runtime.failure import CannotRun

_SCHEMA = pa.schema([*LAKE_SCHEMA, *FOLDERS])
_FOLDERS = ds.partitioning(FOLDERS, flavor="hive")


def readings(settings: LakeSettings) -> ds.Dataset:
    """The readings' dataset with the folder's `date` as a column; no file yet: a dataset of no rows.

    Only listing happens here; files are read when scanned. `CannotRun` names the bucket's or S3's fault.
    """
    try:
        return _opened(filesystem(settings), settings.lake_bucket)
    except OSError as error:
        raise CannotRun(_fault(settings, str(error))) from error


def _opened(store: fs.S3FileSystem, bucket: str) -> ds.Dataset:
    root = f"{bucket}/{LAKE_READINGS}"
    _require(store, bucket)
    if store.get_file_info(root).type == fs.FileType.NotFound:
        return ds.dataset(_SCHEMA.empty_table())
    return ds.dataset(root, filesystem=store, format="parquet", schema=_SCHEMA, partitioning=_FOLDERS)


def filesystem(settings: AwsSettings) -> fs.S3FileSystem:
    """The S3 that the settings name."""
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
    store = filesystem(settings)
    try:
        _require(store, settings.lake_bucket)
    except OSError as error:
        raise CannotRun(_fault(settings, str(error))) from error
    return store


def _require(store: fs.S3FileSystem, bucket: str) -> None:
    if store.get_file_info(bucket).type == fs.FileType.NotFound:
        raise CannotRun(
            f"S3 has no bucket {bucket}: check LAKE_BUCKET or create it with `wardstream provision`"
        )


def _fault(settings: LakeSettings, said: str) -> str:
    where = settings.aws_endpoint_url_s3 or f"in {settings.aws_region}"
    if (
        "ACCESS_DENIED" in said
        or "INVALID_ACCESS_KEY" in said
        or "SIGNATURE" in said
        or "HTTP status 403" in said
    ):
        return (
            f"S3 {where} refuses our credentials for bucket {settings.lake_bucket}: check AWS_ACCESS_KEY_ID"
        )
    if "HTTP status 301" in said or "HTTP status 400" in said:
        return f"bucket {settings.lake_bucket} is not in region {settings.aws_region}: check AWS_REGION"
    return f"S3 {where} does not answer: check AWS_ENDPOINT_URL_S3 and the network"
