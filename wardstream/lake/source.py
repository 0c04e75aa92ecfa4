"""The lake's files in S3 as one Arrow dataset."""

from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow import fs

from wardstream.contracts.tables import LAKE_ALARMS, LAKE_ANOMALIES
from wardstream.lake.schema import FOLDERS, SCHEMAS
from wardstream.lake.settings import LakeSettings
from wardstream.lake.view import ALARM_FILES, ANOMALY_FILES, READINGS, WEARERS
from wardstream.runtime.failure import CannotRun

_FOLDERS = ds.partitioning(FOLDERS, flavor="hive")


# By the names that the views know them by.
_TABLES = {READINGS: READINGS, WEARERS: WEARERS, ANOMALY_FILES: LAKE_ANOMALIES, ALARM_FILES: LAKE_ALARMS}


def tables(settings: LakeSettings) -> dict[str, ds.Dataset]:
    """The dataset of each table with the folder's `date` as a column; no file yet: a dataset of no rows.

    Only listing happens here; files are read when scanned. `CannotRun` names the bucket's or S3's fault.
    """
    try:
        store = _filesystem(settings)
        return {name: _opened(store, settings.lake_bucket, folder) for name, folder in _TABLES.items()}
    except OSError as error:
        raise CannotRun(_fault(settings, str(error))) from error


def _opened(store: fs.S3FileSystem, bucket: str, folder: str) -> ds.Dataset:
    schema = pa.schema([*SCHEMAS[folder], *FOLDERS])
    root = f"{bucket}/{folder}"
    there = store.get_file_info([bucket, root])
    if there[0].type == fs.FileType.NotFound:
        raise CannotRun(
            f"S3 has no bucket {bucket}: check LAKE_BUCKET or create it with `wardstream provision`"
        )
    if there[1].type == fs.FileType.NotFound:
        return ds.dataset(schema.empty_table())
    return ds.dataset(root, filesystem=store, format="parquet", schema=schema, partitioning=_FOLDERS)


def _filesystem(settings: LakeSettings) -> fs.S3FileSystem:
    endpoint = urlsplit(settings.aws_endpoint_url_s3 or "")
    elsewhere = {"endpoint_override": endpoint.netloc, "scheme": endpoint.scheme} if endpoint.netloc else {}
    return fs.S3FileSystem(
        region=settings.aws_region,
        connect_timeout=5,
        request_timeout=30,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=3),
        **elsewhere,
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
