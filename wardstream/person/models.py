"""Trained models in the lake's bucket that still name a person. Only training can write them anew: an erasure waits for that."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from wardstream.lake.faults import has_changed
from wardstream.lake.objects import Bucket

FOLDER = "models/"
_THREADS = 8
_GZIP = b"\x1f\x8b"


def naming(bucket: Bucket, user_id: str) -> list[str]:
    """The objects below `models/`, gzip or plain, that hold the person's id as JSON text."""
    pages = bucket.client.get_paginator("list_objects_v2").paginate(Bucket=bucket.name, Prefix=FOLDER)
    try:
        keys = [one["Key"] for page in pages for one in page.get("Contents", [])]
        with ThreadPoolExecutor(_THREADS) as threads:
            named = list(threads.map(partial(_names, bucket, msgspec.json.encode(user_id)), keys))
    except (ClientError, BotoCoreError) as error:
        raise bucket.fault(error) from error
    return [key for key, is_named in zip(keys, named, strict=True) if is_named]


def _names(bucket: Bucket, said: bytes, key: str) -> bool:
    try:
        body = bucket.client.get_object(Bucket=bucket.name, Key=key)["Body"].read()
    except ClientError as error:
        if has_changed(error):
            return False
        raise
    return said in (gzip.decompress(body) if body.startswith(_GZIP) else body)
