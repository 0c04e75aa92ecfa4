"""A bucket in memory that keeps `store.Store.put_new`'s promise, and can fail before or after it has written."""

from collections.abc import Callable, Mapping

from wardstream.runtime.s3_faults import Busy

Fails = Callable[[], bool]


def never() -> bool:
    return False


class Bucket:
    """Objects that are written once. `before` and `after` say whether to fail then: after, the object is there."""

    def __init__(self, before: Fails = never, after: Fails = never) -> None:
        self.objects: dict[str, tuple[bytes, Mapping[str, str]]] = {}
        self._before = before
        self._after = after

    def put_new(self, key: str, body: bytes, metadata: Mapping[str, str]) -> Mapping[str, str] | None:
        if self._before():
            raise Busy("SlowDown")
        there = self.objects.get(key)
        if there is None:
            self.objects[key] = (body, dict(metadata))
        if self._after():
            raise Busy("ReadTimeoutError")
        return None if there is None else there[1]
