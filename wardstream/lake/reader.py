"""The lake's objects as files for Arrow: read in ranges, never from two versions of an object, every byte counted."""

import io
import threading
from typing import Any

import pyarrow as pa
from botocore.exceptions import BotoCoreError, ClientError
from pyarrow import fs

from wardstream.lake.faults import has_changed
from wardstream.lake.objects import Bucket, Stored


class ChangedLake(OSError):  # noqa: N818 -- a sentence: "raise ChangedLake"
    """A file was written anew (an erasure) or removed (a compaction) while it was being read: ask again."""


class Tally:
    """What was read so far. Counts from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[str] = set()
        self.bytes = 0
        self.requests = 0
        self.rows = 0

    @property
    def files(self) -> int:
        """How many files were touched."""
        return len(self._keys)

    def took(self, key: str, count: int) -> None:
        """So many bytes came of one object."""
        with self._lock:
            self._keys.add(key)
            self.bytes += count
            self.requests += 1


class S3File(io.RawIOBase):
    """One object, readable at any place. A read fails with `ChangedLake` if the object isn't the one that was listed."""

    def __init__(self, bucket: Bucket, stored: Stored, tally: Tally) -> None:
        super().__init__()
        self._bucket = bucket
        self._stored = stored
        self._tally = tally
        self._place = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The place the next read begins at."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes there; nothing is read."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._stored.size_bytes}[whence]
        self._place = start + offset
        return self._place

    def read(self, size: int | None = -1) -> bytes:
        """The next `size` bytes, or all that are left."""
        end = self._stored.size_bytes
        if size is not None and size >= 0:
            end = min(end, self._place + size)
        if self._place >= end:
            return b""
        body = self._range(self._place, end)
        self._place = end
        self._tally.took(self._stored.key, len(body))
        return body

    def _range(self, start: int, end: int) -> bytes:
        try:
            answer = self._bucket.client.get_object(
                Bucket=self._bucket.name,
                Key=self._stored.key,
                Range=f"bytes={start}-{end - 1}",
                IfMatch=self._stored.etag,
            )
            return answer["Body"].read()
        except (ClientError, BotoCoreError) as error:
            if has_changed(error):
                raise ChangedLake("the lake was compacted or erased from meanwhile: ask again") from error
            raise self._bucket.fault(error) from error


def _refuse(*_: Any, **__: Any) -> Any:
    raise NotImplementedError("the lake is only read here")


class Files(fs.FileSystemHandler):  # type: ignore[misc]  # pyarrow has no types
    """Known objects as a file system for Arrow's datasets, by key."""

    def __init__(self, bucket: Bucket, tally: Tally, stored: list[Stored]) -> None:
        self._bucket = bucket
        self._tally = tally
        self._stored = {one.key: one for one in stored}

    def __eq__(self, other: object) -> bool:
        """Whether it is this one."""
        return self is other

    def __hash__(self) -> int:
        """By identity."""
        return id(self)

    def get_type_name(self) -> str:
        """A name for messages."""
        return "lake"

    def normalize_path(self, path: str) -> str:
        """Keys are what they are."""
        return path

    def get_file_info(self, paths: list[str]) -> list[fs.FileInfo]:
        """Sizes, as listed."""
        return [fs.FileInfo(path, fs.FileType.File, size=self._stored[path].size_bytes) for path in paths]

    def open_input_file(self, path: str) -> pa.NativeFile:
        """The object; no request yet."""
        return pa.PythonFile(S3File(self._bucket, self._stored[path], self._tally), mode="r")

    open_input_stream = open_input_file
    get_file_info_selector = create_dir = delete_dir = delete_dir_contents = _refuse
    delete_root_dir_contents = delete_file = move = copy_file = _refuse
    open_output_stream = open_append_stream = _refuse
