"""What S3 lists of the lake: which objects there are, how large, and which of them it hands out now."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from wardstream.contracts.tables import LAKE_TABLES
from wardstream.lake.faults import has_changed, meaning

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Classes whose objects must be restored before they can be read. Glacier Instant Retrieval isn't one.
COLD_CLASSES = frozenset({"GLACIER", "DEEP_ARCHIVE"})
# Every folder of the lake that holds people's rows; the column `user_id` says whose.
TABLES = tuple(table.folder for table in LAKE_TABLES)
_UNTIL = re.compile(r'expiry-date="([^"]+)"')
_DATE = re.compile(r"/date=(\d{4}-\d{2}-\d{2})/")


class Stored(NamedTuple):
    """An object as a listing tells of it. `readable_until`: a restored copy of a cold object is there until then."""

    key: str
    size_bytes: int
    etag: str
    storage_class: str = "STANDARD"
    is_restoring: bool = False
    readable_until: datetime | None = None

    @property
    def is_archived(self) -> bool:
        """Whether it lies in cold storage, restored copy or not."""
        return self.storage_class in COLD_CLASSES

    @property
    def is_cold(self) -> bool:
        """Whether S3 refuses to hand it out now."""
        return self.is_archived and self.readable_until is None

    @property
    def day(self) -> date | None:
        """The date of the folder it lies in."""
        found = _DATE.search(self.key)
        return date.fromisoformat(found[1]) if found else None


class Bucket(NamedTuple):
    """The lake's bucket, and what is needed to explain its faults."""

    client: "S3Client"
    name: str
    region: str
    endpoint: str | None = None

    def fault(self, error: ClientError | BotoCoreError) -> Exception:
        """What the error means for whoever asked: `CannotRun` with a sentence, or the error itself."""
        return meaning(error, self.name, self.region, self.endpoint)


def listed(bucket: Bucket, prefixes: Iterable[str]) -> Iterator[Stored]:
    """Every Parquet object below `prefixes`, as the listing has it now. `CannotRun` names the bucket's or S3's fault."""
    for prefix in prefixes:
        pages = bucket.client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket.name, Prefix=prefix, OptionalObjectAttributes=["RestoreStatus"]
        )
        try:
            for page in pages:
                for one in page.get("Contents", []):
                    if one["Key"].endswith(".parquet"):
                        yield _looked_at(bucket, _stored(one))
        except (ClientError, BotoCoreError) as error:
            raise bucket.fault(error) from error


def _looked_at(bucket: Bucket, stored: Stored) -> Stored:
    # AWS says in a listing what is restored; other S3s say it only of one object at a time.
    return head(bucket, stored) if stored.is_archived and bucket.endpoint else stored


def head(bucket: Bucket, stored: Stored) -> Stored:
    """The object as S3 has it now; a missing one stays as it was."""
    try:
        answer = bucket.client.head_object(Bucket=bucket.name, Key=stored.key)
    except (ClientError, BotoCoreError) as error:
        if has_changed(error):
            return stored
        raise bucket.fault(error) from error
    said = answer.get("Restore", "")
    until = _UNTIL.search(said)
    return stored._replace(
        size_bytes=answer["ContentLength"],
        etag=answer["ETag"],
        storage_class=answer.get("StorageClass", "STANDARD"),
        is_restoring='ongoing-request="true"' in said,
        readable_until=parsedate_to_datetime(until[1]) if until else None,
    )


def _stored(said: object) -> Stored:
    one: dict[str, object] = said  # type: ignore[assignment]  # a listing's entry
    restored: dict[str, object] = one.get("RestoreStatus") or {}  # type: ignore[assignment]  # see above
    until = restored.get("RestoreExpiryDate")
    return Stored(
        key=str(one["Key"]),
        size_bytes=int(str(one["Size"])),
        etag=str(one["ETag"]),
        storage_class=str(one.get("StorageClass") or "STANDARD"),
        is_restoring=bool(restored.get("IsRestoreInProgress")),
        readable_until=until if isinstance(until, datetime) else None,
    )
