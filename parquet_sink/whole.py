"""Up to where each partition is in the lake as a whole, looked up now and then."""

import time
from collections.abc import Callable, Iterable

from parquet_sink import layout
from parquet_sink.layout import Source

# A write is decided with marks no older than this, and S3 takes no request signed more than 15 minutes ago. Merging removes claims
# half an hour after it has set its marks (`compact.GRACE_S`): no late owner can claim again what was claimed and removed.
STALE_S = 300.0


class Whole:
    """The marks in the bucket; one listing each `STALE_S` at most."""

    def __init__(
        self, keys: Callable[[str], Iterable[str]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._before: dict[str, int] = {}
        self._known_s: float | None = None

    def before(self, source: Source) -> int:
        """The offset before which every row of `source` is in the lake; what the listing raises."""
        if self._known_s is None or self._clock() - self._known_s > STALE_S:
            asked_s = self._clock()
            self._before = layout.whole_before(self._keys(layout.WHOLE))
            self._known_s = asked_s
        return self._before.get(source.name, 0)
