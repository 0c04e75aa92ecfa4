"""What S3's errors mean for us."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
)

from wardstream.runtime.failure import CannotRun


class Busy(Exception):  # noqa: N818 -- a sentence: "raise Busy"
    """S3 can't take this now and may later: wait and repeat. The message says what it answered."""


# By code or, for HEAD, whose answer has no body to name one, by status.
_NO_BUCKET = "NoSuchBucket"
_REFUSED = {
    "AccessDenied",
    "AllAccessDisabled",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "403",
}
_ELSEWHERE = {
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
    "PermanentRedirect",
    "301",
    "400",
}
_BUSY = {"ConditionalRequestConflict", "RequestTimeout", "SlowDown", "Throttling", "TooManyRequests"}
NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, TokenRetrievalError)
_SERVER_FAULT = 500


def meaning(error: ClientError | BotoCoreError, bucket: str, region: str) -> Exception:
    """`Busy`, `CannotRun` with a sentence, or the error itself where nobody foresaw it: to be raised."""
    if isinstance(error, ClientError):
        return _answered(error, bucket, region)
    if isinstance(error, NO_CREDENTIALS):
        return without_credentials()
    # The rest of botocore's own errors are about reaching S3: refused, reset, timed out, not resolved.
    return Busy(type(error).__name__)


def code(error: ClientError) -> str:
    """S3's own name for what it refused, or the HTTP status as text."""
    return error.response["Error"]["Code"]


def without_credentials() -> CannotRun:
    """Said where boto3 finds none."""
    return CannotRun("there are no AWS credentials: set AWS_ACCESS_KEY_ID, a profile or a role")


def to_mend(said: str, bucket: str, region: str, s3: str = "S3") -> CannotRun | None:
    """What an operator has to mend, if that is what S3 says by this code; `s3` is what it is called in the sentence."""
    if said == _NO_BUCKET:
        return CannotRun(
            f"S3 has no bucket {bucket}: check LAKE_BUCKET or create it with `wardstream provision`"
        )
    if said in _REFUSED:
        return CannotRun(
            f"{s3} refuses our credentials for bucket {bucket} ({said}): check AWS_ACCESS_KEY_ID and the policy"
        )
    if said in _ELSEWHERE:
        return CannotRun(f"bucket {bucket} is not in region {region}: check AWS_REGION")
    return None


def _answered(error: ClientError, bucket: str, region: str) -> Exception:
    said = code(error)
    # Here it is the bucket that is asked about, never a single object.
    if fault := to_mend(_NO_BUCKET if said == "404" else said, bucket, region):
        return fault
    if said in _BUSY or error.response["ResponseMetadata"]["HTTPStatusCode"] >= _SERVER_FAULT:
        return Busy(said)
    return error
