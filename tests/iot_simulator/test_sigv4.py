"""AWS' signature, against botocore's own."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from iot_simulator.sigv4 import Credentials, is_aws, presigned_path, region_of

HOST = "abc123-ats.iot.eu-central-1.amazonaws.com"
KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def by_botocore(host: str, region: str, signed_at: str) -> str:
    """The path that botocore signs for the same request at the time that ours tells."""
    request: Any = AWSRequest("GET", f"https://{host}/mqtt")
    request.context["timestamp"] = signed_at
    signer: Any = SigV4QueryAuth(BotocoreCredentials(KEY, SECRET), "iotdevicegateway", region, expires=86400)
    # What `add_auth` does, but for its own look at the clock.
    signer._modify_request_before_signing(request)
    to_sign = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(to_sign, request))
    parts = urlsplit(str(request.url))
    return f"{parts.path}?{parts.query}"


@given(
    st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1)),  # noqa: DTZ001 -- made aware below
    st.sampled_from(["eu-central-1", "us-east-1", "cn-north-1"]),
)
def test_the_signed_path_is_what_botocore_signs(now: datetime, region: str) -> None:
    now = now.replace(tzinfo=UTC)

    ours = presigned_path(HOST, region, Credentials(KEY, SECRET), now)

    theirs = by_botocore(HOST, region, now.strftime("%Y%m%dT%H%M%SZ"))
    assert parse_qs(urlsplit(ours).query) == parse_qs(urlsplit(theirs).query)
    assert urlsplit(ours).path == "/mqtt"


def test_a_session_token_comes_after_the_signature_and_changes_nothing_else() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    token = "FwoG/+=="

    without = presigned_path(HOST, "eu-central-1", Credentials(KEY, SECRET), now)
    signed = presigned_path(HOST, "eu-central-1", Credentials(KEY, SECRET, token), now)

    assert signed == f"{without}&X-Amz-Security-Token={quote(token, safe='')}"


def test_credentials_do_not_print() -> None:
    assert SECRET not in repr(Credentials(KEY, SECRET))


@pytest.mark.parametrize(
    ("host", "region"),
    [
        (HOST, "eu-central-1"),
        ("abc.iot.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("broker.example.org", None),
        ("iot.example.org", None),
    ],
)
def test_the_region_is_read_from_an_aws_name_alone(host: str, region: str | None) -> None:
    assert region_of(host) == region
    assert is_aws(host) == (region is not None)
