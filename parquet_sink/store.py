"""The lake's bucket: objects that are written once."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from wardstream.runtime.s3_faults import Busy, code, meaning

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_TAKEN = {"PreconditionFailed", "412"}


class Store:
    """The bucket."""

    def __init__(self, client: "S3Client", bucket: str, region: str) -> None:
        self._client = client
        self._bucket = bucket
        self._region = region

    def check(self) -> None:
        """Makes sure the bucket is there and ours; `CannotRun` says which fault it is, `Busy` that S3 is away."""
        try:
            self._client.head_bucket(Bucket=self._bucket)
        except (ClientError, BotoCoreError) as error:
            raise meaning(error, self._bucket, self._region) from error

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

    def _metadata(self, key: str) -> Mapping[str, str]:
        try:
            return self._client.head_object(Bucket=self._bucket, Key=key)["Metadata"]
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and code(error) == "404":
                # A moment ago it was there: an erasure came between, and the claim is free again.
                raise Busy("NoSuchKey") from error
            raise meaning(error, self._bucket, self._region) from error
