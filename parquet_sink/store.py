"""The lake's bucket: objects that are written once, listed and removed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from wardstream.runtime.s3_faults import Busy, code, meaning

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_TAKEN = {"PreconditionFailed", "412"}
_GONE = {"NoSuchKey", "404"}
# S3's own limit.
_REMOVED_AT_ONCE = 1000


class Found(NamedTuple):
    """An object as a listing tells it. The ETag changes with the content."""

    key: str
    size_bytes: int
    etag: str
    written_at: datetime


class Store:
    """The bucket."""

    def __init__(self, client: "S3Client", bucket: str, region: str) -> None:
        self._client = client
        self._bucket = bucket
        self._region = region

    def check(self) -> None:
        """Makes sure the bucket is there and ours; `CannotRun` says which fault it is, `Busy` that S3 is away."""
        with self._meant():
            self._client.head_bucket(Bucket=self._bucket)

    def put_new(self, key: str, body: bytes, metadata: Mapping[str, str]) -> Mapping[str, str] | None:
        """Writes an object that isn't there yet: None. If it is, it stays as it is: its metadata.

        Of any number of writers at once, one gets None. After an answer that got lost, a repetition gets our own
        metadata back. `Busy`, `CannotRun` as `s3_faults` has it; anything else S3 refuses is a defect and crashes.
        """
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=body, Metadata=dict(metadata), IfNoneMatch="*"
            )
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and code(error) in _TAKEN:
                return self._metadata(key)
            raise meaning(error, self._bucket, self._region) from error
        return None

    def found(self, prefix: str) -> Iterator[Found]:
        """Every object whose name begins so, in the order of names."""
        with self._meant():
            for page in self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix
            ):
                for one in page.get("Contents", []):
                    yield Found(one["Key"], one["Size"], one["ETag"], one["LastModified"])

    def keys(self, prefix: str) -> list[str]:
        """Their names alone."""
        return [one.key for one in self.found(prefix)]

    def read(self, key: str) -> bytes | None:
        """The object, whole; None if it isn't there."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and code(error) in _GONE:
                return None
            raise meaning(error, self._bucket, self._region) from error

    def is_there(self, key: str) -> bool:
        """Whether there is such an object."""
        return any(one.key == key for one in self.found(key))

    def remove(self, keys: Sequence[str]) -> None:
        """Removes objects; those that aren't there are no fault."""
        with self._meant():
            for start in range(0, len(keys), _REMOVED_AT_ONCE):
                some: list[ObjectIdentifierTypeDef] = [
                    {"Key": key} for key in keys[start : start + _REMOVED_AT_ONCE]
                ]
                self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": some, "Quiet": True})

    @contextmanager
    def _meant(self) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            raise meaning(error, self._bucket, self._region) from error

    def _metadata(self, key: str) -> Mapping[str, str]:
        try:
            return self._client.head_object(Bucket=self._bucket, Key=key)["Metadata"]
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and code(error) == "404":
                # A moment ago it was there: an erasure came between, and the claim is free again.
                raise Busy("NoSuchKey") from error
            raise meaning(error, self._bucket, self._region) from error
