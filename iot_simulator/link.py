"""How a connection reaches the broker: plain TCP, TLS with certificates, or WebSocket, signed for AWS where it must be."""

import ssl
from collections.abc import Callable
from pathlib import Path

import msgspec

# By this protocol name AWS IoT Core tells MQTT from HTTPS on port 443.
_AWS_ALPN = "x-amzn-mqtt-ca"
_HTTPS_PORT = 443


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """Where the broker is and how it is spoken to. `websocket_path` is asked before every dial: signatures age."""

    host: str
    port: int
    context: ssl.SSLContext | None = None
    websocket_path: Callable[[], str] | None = None
    keepalive_s: int = 60
    connect_timeout_s: float = 3.0

    @property
    def broker(self) -> str:
        """host:port."""
        return f"{self.host}:{self.port}"


def tls(
    ca: Path | None, cert: Path | None, key: Path | None, port: int, *, websocket: bool
) -> ssl.SSLContext:
    """A context that checks the broker against `ca` (None: the system's) and shows our certificate if there is one.

    OSError or ssl.SSLError when a file is missing or no such thing.
    """
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(ca) if ca else None)
    if cert is not None:
        context.load_cert_chain(str(cert), str(key) if key else None)
    if port == _HTTPS_PORT and not websocket:
        context.set_alpn_protocols([_AWS_ALPN])
    return context
