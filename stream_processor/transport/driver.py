"""The transport itself: what `broker="batch://host:9092"` selects, by the entry point `faust.transports`."""

from collections.abc import Awaitable, Callable
from typing import Any

from faust.transport.drivers import aiokafka
from faust.types import TP

from stream_processor.transport.consumer import BatchConsumer
from stream_processor.transport.fetch import Size
from stream_processor.transport.fetcher import BatchFetcher


class Transport(aiokafka.Transport):
    """Faust's aiokafka transport with batches. Set these on `app.transport` before the worker starts.

    `before_start(assigned, generation)` is awaited before the first batch of an assignment is handed out (restore state
    there); `before_release()` before partitions are given back and before the end (write state, acknowledge). An
    exception in either ends the worker. `on_reading()` is called when batches are handed out (again).
    """

    Consumer = BatchConsumer
    Fetcher = BatchFetcher

    batch_size = Size(records=5000, size_bytes=4 * 1024 * 1024)
    buffer_bytes = 32 * 1024 * 1024

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before_start: Callable[[set[TP], int], Awaitable[None]] | None = None
        self.before_release: Callable[[], Awaitable[None]] | None = None
        self.on_reading: Callable[[], None] | None = None
