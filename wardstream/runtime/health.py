"""/live, /ready and /metrics, for whoever restarts, routes and watches."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from wardstream.runtime.logs import logger

_STALE_AFTER_S = 30.0
Answer = tuple[int, str, bytes]


class Health:
    """What a service says of itself. The loop calls `beat` each round and `ready` or `not_ready` when that changes."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, stale_after_s: float = _STALE_AFTER_S
    ) -> None:
        self._clock = clock
        self._stale_after_s = stale_after_s
        self._beat_at = clock()
        self._waiting_for: str | None = "start"

    def beat(self) -> None:
        """The loop is turning."""
        self._beat_at = self._clock()

    def ready(self) -> None:
        """The service can do its work now."""
        self._waiting_for = None

    def not_ready(self, waiting_for: str) -> None:
        """The service lives, but can't do its work until `waiting_for` is there."""
        self._waiting_for = waiting_for

    @property
    def is_live(self) -> bool:
        """Whether the loop has turned lately; false asks for a restart."""
        return self._clock() - self._beat_at < self._stale_after_s

    @property
    def waiting_for(self) -> str | None:
        """What the service waits for; None when ready."""
        return self._waiting_for

    def answer(self, path: str) -> Answer:
        """(status, content type, body) for a GET of `path`."""
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest()
        if path == "/live":
            return (
                (200, "text/plain", b"live\n")
                if self.is_live
                else (503, "text/plain", b"the loop stands still\n")
            )
        if path == "/ready":
            if self._waiting_for is None:
                return 200, "text/plain", b"ready\n"
            return 503, "text/plain", f"waiting for {self._waiting_for}\n".encode()
        return 404, "text/plain", b"try /live, /ready or /metrics\n"


def _handler(health: Health) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content_type, body = health.answer(self.path.partition("?")[0])
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class' name
            """A probe every few seconds is no event."""

    return Handler


@contextmanager
def served(health: Health, host: str, port: int) -> Iterator[int]:
    """Serves `health` from a thread; yields the port it really got."""
    server = ThreadingHTTPServer((host, port), _handler(health))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="health", daemon=True)
    thread.start()
    bound = int(server.server_address[1])
    logger().info("health_listening", host=host, port=bound)
    try:
        yield bound
    finally:
        server.shutdown()
        server.server_close()
