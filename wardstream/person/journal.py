"""The journal of one erasure: how far it is, kept in the lake's bucket so that whoever runs it again goes on there.

While a request is open the journal holds the person's id, since cold storage may take days; once it is done only `subject` is
left, which those who know the id can check.
"""

from typing import Any, NamedTuple

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from wardstream.lake.faults import has_changed
from wardstream.lake.objects import Bucket
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.s3_faults import code

FOLDER = "erasures/"


class Found(msgspec.Struct, frozen=True):
    """A file of the lake that held rows of the person, and how many."""

    key: str
    rows: int


class Frozen(msgspec.Struct, frozen=True):
    """A file in cold storage that may hold rows of the person: it is looked at once it is restored."""

    key: str
    size_bytes: int
    storage_class: str


class Expiry(msgspec.Struct, frozen=True):
    """What is not removed but ends by itself: what it is, when at the latest (ISO 8601; empty: nothing ends it), and why then."""

    what: str
    latest: str
    why: str


class Journal(msgspec.Struct, frozen=True, kw_only=True, tag_field="v", tag=1):
    """One request. A field that is None: that step is still to be done. Times are ISO 8601, UTC.

    `readings_before`: every reading of the person before this offset of their partition is to go. `forgotten_at`: the offset
    of the action that told the processor. `frozen`: cold files still to be looked at.
    `models`: trained models that still name the person.
    """

    request: str
    subject: str
    opened_at: str
    user_id: str | None
    devices: tuple[str, ...] | None = None
    readings_before: int | None = None
    forgotten_at: int | None = None
    anomalies: int | None = None
    alarms: int | None = None
    found: tuple[Found, ...] = ()
    rewritten: int | None = None
    frozen: tuple[Frozen, ...] | None = None
    models: tuple[str, ...] = ()
    expires: tuple[Expiry, ...] = ()
    done_at: str | None = None

    def but(self, **changed: Any) -> "Journal":
        """This one with that changed."""
        return msgspec.structs.replace(self, **changed)


class Entry(NamedTuple):
    """A journal as it lies in S3."""

    journal: Journal
    etag: str


class Journals:
    """The journals of a lake. Whoever writes one must have read its newest state: two at once can't both go on."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._decoder = msgspec.json.Decoder(Journal)

    def open(self, journal: Journal) -> Entry:
        """Writes a new one; the one that is there, if there is one by this request."""
        try:
            return self._put(journal, IfNoneMatch="*")
        except ClientError as error:
            if not has_changed(error):
                raise self._bucket.fault(error) from error
            there = self.read(journal.request)
            if there is None:
                raise CannotRun(f"request {journal.request} is being removed: run this again") from error
            return there

    def update(self, entry: Entry, journal: Journal) -> Entry:
        """Writes what has changed; `CannotRun` if another process wrote it since."""
        try:
            return self._put(journal, IfMatch=entry.etag)
        except ClientError as error:
            if has_changed(error):
                raise CannotRun(
                    f"another process is at work on request {journal.request}: let it end, then run this again"
                ) from error
            raise self._bucket.fault(error) from error

    def read(self, request: str) -> Entry | None:
        """The journal of a request."""
        try:
            answer = self._bucket.client.get_object(Bucket=self._bucket.name, Key=_key(request))
            return Entry(self._decoder.decode(answer["Body"].read()), answer["ETag"])
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and code(error) == "NoSuchKey":
                return None
            raise self._bucket.fault(error) from error
        except msgspec.DecodeError as error:
            raise CannotRun(f"{_key(request)} can't be read: a newer build wrote it") from error

    def unfinished(self) -> list[Entry]:
        """Every request that isn't done, oldest first."""
        return [entry for entry in self.everything() if entry.journal.done_at is None]

    def everything(self) -> list[Entry]:
        """Every request there ever was, oldest first."""
        pages = self._bucket.client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket.name, Prefix=FOLDER
        )
        try:
            names = [one["Key"] for page in pages for one in page.get("Contents", [])]
        except (ClientError, BotoCoreError) as error:
            raise self._bucket.fault(error) from error
        requests = [name.removeprefix(FOLDER).removesuffix(".json") for name in names if _is_journal(name)]
        found = [entry for entry in map(self.read, requests) if entry is not None]
        return sorted(found, key=lambda entry: entry.journal.opened_at)

    def _put(self, journal: Journal, **condition: Any) -> Entry:
        try:
            answer = self._bucket.client.put_object(
                Bucket=self._bucket.name,
                Key=_key(journal.request),
                Body=msgspec.json.encode(journal),
                ContentType="application/json",
                **condition,
            )
        except BotoCoreError as error:
            raise self._bucket.fault(error) from error
        return Entry(journal, answer["ETag"])


def _key(request: str) -> str:
    return f"{FOLDER}{request}.json"


def _is_journal(name: str) -> bool:
    return name.endswith(".json") and name.count("/") == 1
