"""AWS IoT's data plane as far as the acker speaks with it: an HTTP server that takes publishes, or answers as it is told to."""

import threading
import urllib.parse
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from wardstream.contracts import wire
from wardstream.contracts.ack import Ack
from wardstream.local.ports import LOOPBACK


class DataPlane(ThreadingHTTPServer):
    """What was published, by topic. `refuse` holds the answers, (status, code), that the next requests get instead."""

    daemon_threads = True

    def __init__(self) -> None:
        self.said: dict[str, list[Ack]] = {}
        self.refuse: deque[tuple[int, str]] = deque()
        self.refuse_always: tuple[int, str] | None = None
        self.asked = 0
        self.signed_for: set[str] = set()
        self.lock = threading.Lock()
        super().__init__((LOOPBACK, 0), _Handler)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{LOOPBACK}:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: DataPlane

    def do_POST(self) -> None:
        payload = self.rfile.read(int(self.headers["Content-Length"]))
        place = urllib.parse.urlsplit(self.path)
        with self.server.lock:
            self.server.asked += 1
            refusal = self.server.refuse_always or (
                self.server.refuse.popleft() if self.server.refuse else None
            )
            if refusal is None:
                topic = urllib.parse.unquote(place.path.removeprefix("/topics/"))
                self.server.said.setdefault(topic, []).append(wire.ack(payload))
                self.server.signed_for.add(self.headers["Authorization"].split("/")[3])
        status, code = refusal or (200, "")
        body = b'{"message": "said by a test"}'
        self.send_response(status)
        if code:
            self.send_header("x-amzn-ErrorType", code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: a test says what it wants to know."""


@contextmanager
def data_plane() -> Iterator[DataPlane]:
    """One that answers until the block ends."""
    made = DataPlane()
    serving = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    try:
        yield made
    finally:
        made.shutdown()
        serving.join()
        made.server_close()
