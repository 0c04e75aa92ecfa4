"""A Kafka that lets in who brings an OAUTHBEARER token, as MSK does. The token is an unsecured JWT: only AWS can check a signature of its own."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kafka_listeners import Listener, running
from wardstream.local.ports import LOOPBACK, free_ports

_TOKENS = """\
listener.name.signed.sasl.enabled.mechanisms=OAUTHBEARER
listener.name.signed.oauthbearer.sasl.jaas.config=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";
"""


@contextmanager
def signed_kafka(folder: Path) -> Iterator[str]:
    """The address of the listener that wants a token."""
    (signed,) = free_ports(1)
    with running(folder.resolve(), Listener("SIGNED", "SASL_PLAINTEXT", signed), _TOKENS):
        yield f"{LOOPBACK}:{signed}"


def unsecured(lasting_s: float = 900.0) -> tuple[str, int]:
    """(token, when it ends in milliseconds since 1970), as the signer gives them."""
    now = time.time()
    claims = {"sub": "wardstream", "iat": now, "exp": now + lasting_s}
    return ".".join([_part({"alg": "none"}), _part(claims), ""]), int((now + lasting_s) * 1000)


def _part(said: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
