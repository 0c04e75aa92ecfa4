"""AWS Signature Version 4 for MQTT over WebSocket: the signed path, from credentials and a time. Pure."""

import hashlib
import hmac
from datetime import datetime
from urllib.parse import quote, urlencode

import msgspec

_ALGORITHM = "AWS4-HMAC-SHA256"
_SERVICE = "iotdevicegateway"
_PATH = "/mqtt"
_VALID_S = 86400
_EMPTY_BODY = hashlib.sha256(b"").hexdigest()


class Credentials(msgspec.Struct, frozen=True):
    """An AWS identity. Never printed: `repr` shows nothing of it."""

    access_key: str
    secret_key: str
    token: str | None = None

    def __repr__(self) -> str:
        return "Credentials(...)"


def presigned_path(host: str, region: str, credentials: Credentials, now: datetime) -> str:
    """`/mqtt?...` to ask `wss://host` for; valid for a day from `now` (aware, UTC).

    The session token comes after the signature and isn't part of what is signed: so AWS IoT Core wants it, unlike
    other services (AWS IoT developer guide, "MQTT over the WebSocket protocol").
    """
    scope = f"{now:%Y%m%d}/{region}/{_SERVICE}/aws4_request"
    query = urlencode(
        {
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{credentials.access_key}/{scope}",
            "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
            "X-Amz-Expires": str(_VALID_S),
            "X-Amz-SignedHeaders": "host",
        },
        quote_via=quote,
        safe="",
    )
    request = "\n".join(("GET", _PATH, query, f"host:{host}\n", "host", _EMPTY_BODY))
    digest = hashlib.sha256(request.encode()).hexdigest()
    to_sign = "\n".join((_ALGORITHM, f"{now:%Y%m%dT%H%M%SZ}", scope, digest))
    signature = hmac.new(_key(credentials.secret_key, scope), to_sign.encode(), hashlib.sha256).hexdigest()
    signed = f"{_PATH}?{query}&X-Amz-Signature={signature}"
    if credentials.token is None:
        return signed
    return f"{signed}&X-Amz-Security-Token={quote(credentials.token, safe='')}"


def _key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def is_aws(host: str) -> bool:
    """Whether the host is an AWS endpoint."""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn"))


def region_of(host: str) -> str | None:
    """The region in `xxxx-ats.iot.REGION.amazonaws.com`; None when the name holds none (a custom domain)."""
    labels = host.split(".")
    try:
        return labels[labels.index("iot") + 1] if is_aws(host) else None
    except ValueError:
        return None
