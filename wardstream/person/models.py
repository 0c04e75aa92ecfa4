"""Trained models in the lake's bucket that still name a person. Training writes them anew: an erasure waits for that."""

import gzip
import zlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from wardstream.lake.faults import has_changed
from wardstream.lake.objects import Bucket
from wardstream.runtime.failure import CannotRun

FOLDER = "models/"
BOOKS = "models/books/"
# Manifests and marks name books and numbers, never people; a person may be called what one of their words is.
NAMELESS = ("models/manifests/", "models/announced/")
_THREADS = 8
_GZIP = b"\x1f\x8b"


class _Book(msgspec.Struct, frozen=True):
    """A book, as far as it says whom it names."""

    entries: dict[str, msgspec.Raw]


_book = msgspec.json.Decoder(_Book)


def naming(bucket: Bucket, user_id: str) -> list[str]:
    """The objects below `models/` that name the person."""
    return named(bucket, listed(bucket, FOLDER), user_id)


def listed(bucket: Bucket, prefix: str) -> list[str]:
    """The keys below `prefix`, in their order."""
    pages = bucket.client.get_paginator("list_objects_v2").paginate(Bucket=bucket.name, Prefix=prefix)
    try:
        return [one["Key"] for page in pages for one in page.get("Contents", [])]
    except (ClientError, BotoCoreError) as error:
        raise bucket.fault(error) from error


def named(bucket: Bucket, keys: Iterable[str], user_id: str) -> list[str]:
    """Those of these objects that name the person; who isn't there any more names nobody."""
    asked = [key for key in keys if not key.startswith(NAMELESS)]
    try:
        with ThreadPoolExecutor(_THREADS) as threads:
            are_named = list(threads.map(partial(_names, bucket, user_id), asked))
    except (ClientError, BotoCoreError) as error:
        raise bucket.fault(error) from error
    return [key for key, is_named in zip(asked, are_named, strict=True) if is_named]


def _names(bucket: Bucket, user_id: str, key: str) -> bool:
    try:
        body = bucket.client.get_object(Bucket=bucket.name, Key=key)["Body"].read()
    except ClientError as error:
        if has_changed(error):
            return False
        raise
    return says(key, body, user_id)


def says(key: str, body: bytes, user_id: str) -> bool:
    """Whether an object names the person: a book by its entries, anything else if it holds the id as JSON text.

    `CannotRun` if it is damaged.
    """
    try:
        plain = gzip.decompress(body) if body.startswith(_GZIP) else body
    except (OSError, EOFError, zlib.error) as error:
        raise CannotRun(f"{key} is damaged: remove or mend it, then run this again") from error
    if key.startswith(BOOKS):
        try:
            return user_id in _book.decode(plain).entries
        except msgspec.MsgspecError:
            pass
    return msgspec.json.encode(user_id) in plain
