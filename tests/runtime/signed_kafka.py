"""A Kafka that lets in who brings an OAUTHBEARER token, as MSK does. The token is an unsecured JWT: only AWS can check a signature of its own."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wardstream.local import kafka
from wardstream.local.children import Child, stop_all
from wardstream.local.ports import LOOPBACK, accepts, free_ports
from wardstream.local.servers import prepare

_LISTENER = """
listener.name.signed.sasl.enabled.mechanisms=OAUTHBEARER
listener.name.signed.oauthbearer.sasl.jaas.config=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";
"""


@contextmanager
def signed_kafka(folder: Path) -> Iterator[str]:
    """The address of the listener that wants a token."""
    port, controller, signed = free_ports(3)
    server = kafka.server(folder.resolve() / "kafka", folder.resolve() / "logs", port, controller)
    file = folder.resolve() / "kafka" / "server.properties"
    file.write_text(_with_listener(file.read_text(), signed))
    prepare(server)
    broker = Child(server.command)
    try:
        broker.wait_until(lambda: server.answers() and accepts(signed), server.timeout_s)
        yield f"{LOOPBACK}:{signed}"
    finally:
        stop_all([broker])


def _with_listener(settings: str, port: int) -> str:
    also = {
        "listeners=": f"SIGNED://{LOOPBACK}:{port}",
        "advertised.listeners=": f"SIGNED://{LOOPBACK}:{port}",
        "listener.security.protocol.map=": "SIGNED:SASL_PLAINTEXT",
    }
    lines = settings.splitlines()
    more = [
        line + "".join(f",{text}" for name, text in also.items() if line.startswith(name)) for line in lines
    ]
    return "\n".join(more) + _LISTENER


def unsecured(lasting_s: float = 900.0) -> tuple[str, int]:
    """(token, when it ends in milliseconds since 1970), as the signer gives them."""
    now = time.time()
    claims = {"sub": "wardstream", "iat": now, "exp": now + lasting_s}
    return ".".join([_part({"alg": "none"}), _part(claims), ""]), int((now + lasting_s) * 1000)


def _part(said: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
