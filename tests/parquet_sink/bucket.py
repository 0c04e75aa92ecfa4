"""A bucket in memory that keeps `store.Store`'s promises, and can fail before or after it has written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b

from parquet_sink.store import Found
from wardstream.runtime.s3_faults import Busy

Fails = Callable[[], bool]


def never() -> bool:
    return False


class Bucket:
    """Objects that are written once. `before` and `after` say whether to fail then: after, the object is there.

    `meanwhile` is called before every request: what somebody else does in that moment.
    """

    def __init__(self, before: Fails = never, after: Fails = never) -> None:
        self.objects: dict[str, tuple[bytes, Mapping[str, str]]] = {}
        self.meanwhile: Callable[[], None] = lambda: None
        self._before = before
        self._after = after

    def put_new(self, key: str, body: bytes, metadata: Mapping[str, str]) -> Mapping[str, str] | None:
        self.meanwhile()
        if self._before():
            raise Busy("SlowDown")
        there = self.objects.get(key)
        if there is None:
            self.objects[key] = (body, dict(metadata))
        if self._after():
            raise Busy("ReadTimeoutError")
        return None if there is None else there[1]

    def found(self, prefix: str) -> Iterator[Found]:
        self.meanwhile()
        there = sorted((key, body) for key, (body, _) in self.objects.items() if key.startswith(prefix))
        yield from [
            Found(key, len(body), blake2b(body).hexdigest(), datetime(2025, 11, 8, tzinfo=UTC))
            for key, body in there
        ]

    def keys(self, prefix: str) -> list[str]:
        return [one.key for one in self.found(prefix)]

    def read(self, key: str) -> bytes | None:
        self.meanwhile()
        return self.objects[key][0] if key in self.objects else None

    def is_there(self, key: str) -> bool:
        return any(one.key == key for one in self.found(key))

    def remove(self, keys: Sequence[str]) -> None:
        # One after the other, as S3 may do it.
        for key in keys:
            self.meanwhile()
            self.objects.pop(key, None)

    def rows_of(self, folder: str = "readings") -> list[bytes]:
        """What lies in a table's folder."""
        return [body for key, (body, _) in self.objects.items() if key.startswith(f"{folder}/")]
