"""The lake's files in S3 as Arrow datasets, one a table."""

from typing import NamedTuple

import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow import fs

from wardstream.contracts.tables import LAKE_ALARMS, LAKE_ANOMALIES
from wardstream.lake.objects import Bucket, Stored, listed
from wardstream.lake.reader import Files, Tally
from wardstream.lake.schema import FOLDERS, SCHEMAS
from wardstream.lake.settings import LakeSettings
from wardstream.lake.view import ALARM_FILES, ANOMALY_FILES, READINGS, WEARERS
from wardstream.runtime import aws

_PARQUET = ds.ParquetFileFormat()
# By the names that the views know them by.
_TABLES = {READINGS: READINGS, WEARERS: WEARERS, ANOMALY_FILES: LAKE_ANOMALIES, ALARM_FILES: LAKE_ALARMS}


class Source(NamedTuple):
    """Each table's dataset (the folder's `date` is a column), the files they are made of, and those left out: still cold."""

    datasets: dict[str, ds.Dataset]
    files: list[Stored]
    cold: list[Stored]
    tally: Tally


def bucket(settings: LakeSettings) -> Bucket:
    """The lake's bucket; nothing is asked of it yet."""
    return Bucket(
        aws.s3(settings), settings.lake_bucket, settings.aws_region, settings.aws_endpoint_url_s3 or None
    )


def tables(settings: LakeSettings) -> Source:
    """The files of every table; no file yet: a dataset of no rows.

    Only listing happens here; files are read when scanned. `CannotRun` names the bucket's or S3's fault.
    """
    where, found = bucket(settings), Source({}, [], [], Tally())
    for name, folder in _TABLES.items():
        there = [one for one in listed(where, [f"{folder}/date="]) if one.day is not None]
        files = [one for one in there if not one.is_cold]
        found.datasets[name] = _dataset(where, folder, files, found.tally)
        found.files.extend(files)
        found.cold.extend(one for one in there if one.is_cold)
    return found


def _dataset(where: Bucket, folder: str, files: list[Stored], tally: Tally) -> ds.Dataset:
    schema = pa.schema([*SCHEMAS[folder], *FOLDERS])
    if not files:
        return ds.dataset(schema.empty_table())
    store = fs.PyFileSystem(Files(where, tally, files))
    fragments = [
        _PARQUET.make_fragment(one.key, store, ds.field("date") == pa.scalar(one.day, pa.date32()))
        for one in files
    ]
    return ds.FileSystemDataset(fragments, schema, _PARQUET, store)
