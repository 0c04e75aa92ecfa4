"""A door to S3 that counts what passes and can refuse, dawdle, or lose the answer to what it let through."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PIECE = 1 << 16
_TIMEOUT_S = 60.0


class Fault(Enum):
    """What befalls a request."""

    REFUSED = auto()  # 503 SlowDown, and nothing happened
    SLOW = auto()  # answered late
    LOST = auto()  # it happened, and the answer never came
    FULL = auto()  # 500 InternalError: what S3's servers say with a full disk
    ELSEWHERE = auto()  # 301: the bucket is in another region
    DENIED = auto()  # 403
    THROTTLED = auto()  # DynamoDB's 400: more than the table may take
    NO_BUCKET = auto()  # 404


_ANSWERS = {
    Fault.REFUSED: (503, "SlowDown"),
    Fault.FULL: (500, "InternalError"),
    Fault.ELSEWHERE: (301, "PermanentRedirect"),
    Fault.DENIED: (403, "AccessDenied"),
    Fault.NO_BUCKET: (404, "NoSuchBucket"),
}


Decide = Callable[[str, str], Fault | None]


@dataclass
class Count:
    """Requests by method, bytes of bodies that S3 sent, and the objects they are of."""

    requests: dict[str, int] = field(default_factory=dict)
    body_bytes: int = 0
    objects: set[str] = field(default_factory=set)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that are killed are what this is for."""


class S3Proxy:
    """Forwards HTTP to `port` on loopback; `decide` says of each request (method, path) what befalls it."""

    def __init__(self, port: int, decide: Decide, slow_s: float) -> None:
        self.count = Count()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler(port, decide, slow_s))
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, name="s3-proxy", daemon=True).start()

    def _handler(self, port: int, decide: Decide, slow_s: float) -> type["_Handler"]:
        said = {"proxy": self, "target": port, "decide": staticmethod(decide), "slow_s": slow_s}
        return type("Handler", (_Handler,), said)

    def note(self, method: str, path: str, body_bytes: int) -> None:
        """Counts an answer."""
        with self._lock:
            self.count.requests[method] = self.count.requests.get(method, 0) + 1
            self.count.body_bytes += body_bytes
            if method == "GET" and "?" not in path:
                self.count.objects.add(path)

    def counted_anew(self) -> Count:
        """What passed since it was last asked."""
        with self._lock:
            told, self.count = self.count, Count()
        return told

    def close(self) -> None:
        """Ends for good."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    proxy: S3Proxy
    target: int
    decide: Decide
    slow_s: float
    protocol_version = "HTTP/1.1"
    # Answers are written in two pieces.
    wbufsize = -1

    def handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = type(self).decide(self.command, self.path)
        if fault in _ANSWERS:
            status, code = _ANSWERS[fault]
            said = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>".encode()
            # Where S3 says that the bucket is; botocore asks for it after a 301.
            where = [("x-amz-bucket-region", "us-west-2")] if fault is Fault.ELSEWHERE else []
            self._answer(status, [("Content-Type", "application/xml"), *where], said)
            return
        if fault is Fault.THROTTLED:
            said = b'{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"no"}'
            self._answer(400, [("Content-Type", "application/x-amz-json-1.0")], said)
            return
        if fault is Fault.SLOW:
            time.sleep(self.slow_s)
        self._forward(body, answers=fault is not Fault.LOST)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_request  # noqa: N815 -- the base class' names

    def handle_expect_100(self) -> bool:
        """botocore asks before each body, and waits a second for an answer that stays in our buffer."""
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        return goes_on

    def _forward(self, body: bytes, *, answers: bool) -> None:
        server = http.client.HTTPConnection("127.0.0.1", self.target, timeout=_TIMEOUT_S)
        try:
            server.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("connection", "expect"):
                    server.putheader(name, value)
            server.endheaders(body)
            answer = server.getresponse()
            said = answer.read()
        finally:
            server.close()
        self.proxy.note(self.command, self.path, len(said))
        if answers:
            kept = [
                (k, v) for k, v in answer.getheaders() if k.lower() not in ("connection", "transfer-encoding")
            ]
            self._answer(answer.status, kept, said)
        else:
            self.close_connection = True

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class' name
        """A request is no event."""


def nothing(_method: str, _path: str) -> Fault | None:
    return None


@contextmanager
def s3_proxy(port: int, decide: Decide = nothing, slow_s: float = 1.0) -> Iterator[S3Proxy]:
    """A proxy to `port`."""
    made = S3Proxy(port, decide, slow_s)
    try:
        yield made
    finally:
        made.close()
