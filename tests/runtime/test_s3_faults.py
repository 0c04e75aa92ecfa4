"""What S3's errors mean for the sink."""

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from wardstream.runtime.failure import CannotRun
from wardstream.runtime.s3_faults import Busy, meaning


def answered(code: str, status: int) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": ""},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "RequestId": "",
                "HostId": "",
                "HTTPHeaders": {},
                "RetryAttempts": 0,
            },
        },
        "PutObject",
    )


@pytest.mark.parametrize(
    "error",
    [
        answered("SlowDown", 503),
        answered("ServiceUnavailable", 503),
        answered("InternalError", 500),
        answered("RequestTimeout", 400),
        answered("ConditionalRequestConflict", 409),
        EndpointConnectionError(endpoint_url="http://s3"),
        ConnectTimeoutError(endpoint_url="http://s3"),
        ReadTimeoutError(endpoint_url="http://s3"),
    ],
)
def test_what_passes_is_waited_for(error: ClientError) -> None:
    assert isinstance(meaning(error, "lake", "eu-central-1"), Busy)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (answered("NoSuchBucket", 404), "S3 has no bucket lake"),
        (answered("404", 404), "S3 has no bucket lake"),
        (answered("InvalidAccessKeyId", 403), "S3 refuses our credentials for bucket lake"),
        (answered("403", 403), "S3 refuses our credentials for bucket lake"),
        (answered("PermanentRedirect", 301), "bucket lake is not in region eu-central-1"),
        (answered("AuthorizationHeaderMalformed", 400), "bucket lake is not in region eu-central-1"),
        (NoCredentialsError(), "there are no AWS credentials"),
    ],
)
def test_what_an_operator_must_mend_is_one_sentence(error: ClientError, sentence: str) -> None:
    meant = meaning(error, "lake", "eu-central-1")

    assert isinstance(meant, CannotRun)
    assert str(meant).startswith(sentence)


def test_what_nobody_foresaw_stays_what_it_is_and_crashes() -> None:
    unforeseen = answered("EntityTooLarge", 400)

    assert meaning(unforeseen, "lake", "eu-central-1") is unforeseen
