"""A person's rows in the lake's files: found, and written out of them in place.

A file is replaced under its own name, on the condition that it is the one that was read: whoever reads it gets the old file or
the new, never a mixture, and whoever changes it meanwhile (a compaction, another erasure) makes us look again. Its metadata,
which hold a cut's claim, stay.
"""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from botocore.exceptions import BotoCoreError, ClientError

from wardstream.lake.faults import has_changed
from wardstream.lake.objects import TABLES, Bucket, Stored, head, listed
from wardstream.lake.reader import ChangedLake, S3File, Tally
from wardstream.person import rewrite
from wardstream.person.journal import Found
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.s3_faults import code

_THREADS = 8
_MOST_PASSES = 20
_COPY_BYTES = 1024 * 1024
_CONFLICT = "ConditionalRequestConflict"


class Looked(NamedTuple):
    """What came of looking into a file: the person's rows, or None if it changed meanwhile."""

    stored: Stored
    rows: int | None


class Searcher:
    """Looks for one person in the lake's files; what was found clean isn't read again while it stays the same."""

    def __init__(self, bucket: Bucket, user_id: str) -> None:
        self._bucket = bucket
        self._user_id = user_id
        self._clean: set[tuple[str, str]] = set()

    def files(self) -> Iterator[Stored]:
        """Every file of every table, as listed now."""
        return listed(self._bucket, [f"{table}/date=" for table in TABLES])

    def search(self, files: Iterable[Stored]) -> tuple[list[Found], int]:
        """The files that hold the person, and how many changed while they were looked into."""
        unknown = [one for one in files if not one.is_cold and (one.key, one.etag) not in self._clean]
        with ThreadPoolExecutor(_THREADS) as threads:
            looked = list(threads.map(self._look, unknown))
        self._clean |= {(one.stored.key, one.stored.etag) for one in looked if one.rows == 0}
        found = [Found(one.stored.key, one.rows) for one in looked if one.rows]
        return found, sum(one.rows is None for one in looked)

    def _look(self, stored: Stored) -> Looked:
        try:
            file = rewrite.opened(S3File(self._bucket, stored, Tally()))
            return Looked(stored, rewrite.count(file, self._user_id))
        except ChangedLake:
            return Looked(stored, None)
        except pa.ArrowInvalid as error:
            raise CannotRun(
                f"{stored.key} is no Parquet file: remove or mend it, then run this again"
            ) from error

    def rewrite(self, key: str) -> bool:
        """Writes the person out of a file; False if there was nothing to do: not theirs any more, or gone.

        Repeats itself when somebody else changes the file meanwhile.
        """
        for _ in range(_MOST_PASSES):
            stored = head(self._bucket, Stored(key, 0, ""))
            if not stored.etag:
                return False
            looked = self._look(stored)
            if looked.rows == 0:
                return False
            if looked.rows and self._replace(stored):
                remove_older_versions(self._bucket, key)
                return True
        raise CannotRun(f"{key} changes all the time: let the compaction end, then run this again")

    def _replace(self, stored: Stored) -> bool:
        with tempfile.TemporaryDirectory(prefix="wardstream-erase-") as folder:
            before, after = Path(folder, "before"), Path(folder, "after")
            metadata = self._fetch(stored, before)
            if metadata is None:
                return False
            with before.open("rb") as source:
                rewrite.without(rewrite.opened(source), self._user_id, after)
            return self._put(stored, after, metadata)

    def _fetch(self, stored: Stored, into: Path) -> dict[str, str] | None:
        try:
            answer = self._bucket.client.get_object(
                Bucket=self._bucket.name, Key=stored.key, IfMatch=stored.etag
            )
            with into.open("wb") as out:
                shutil.copyfileobj(answer["Body"], out, _COPY_BYTES)
        except (ClientError, BotoCoreError) as error:
            if has_changed(error):
                return None
            raise self._bucket.fault(error) from error
        return dict(answer["Metadata"])

    def _put(self, stored: Stored, body: Path, metadata: dict[str, str]) -> bool:
        # A file from cold storage goes back there.
        where: Any = {"StorageClass": stored.storage_class} if stored.is_archived else {}
        try:
            with body.open("rb") as source:
                self._bucket.client.put_object(
                    Bucket=self._bucket.name,
                    Key=stored.key,
                    Body=source,
                    Metadata=metadata,
                    IfMatch=stored.etag,
                    **where,
                )
        except (ClientError, BotoCoreError) as error:
            if has_changed(error) or (isinstance(error, ClientError) and code(error) == _CONFLICT):
                return False
            raise self._bucket.fault(error) from error
        return True


def remove_older_versions(bucket: Bucket, key: str) -> None:
    """In a bucket with versioning: what the object was before goes too."""
    try:
        pages = bucket.client.get_paginator("list_object_versions").paginate(Bucket=bucket.name, Prefix=key)
        old = [
            one["VersionId"]
            for page in pages
            for one in page.get("Versions", [])
            if one["Key"] == key and not one["IsLatest"]
        ]
        for version in old:
            bucket.client.delete_object(Bucket=bucket.name, Key=key, VersionId=version)
    except (ClientError, BotoCoreError) as error:
        raise bucket.fault(error) from error
