"""What S3's errors mean for somebody who asks the lake something."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
)

from wardstream.runtime.failure import CannotRun

# By code or, for HEAD, whose answer has no body to name one, by status.
_NO_BUCKET = {"NoSuchBucket"}
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
_CHANGED = {"PreconditionFailed", "412", "NoSuchKey", "404"}
_NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, TokenRetrievalError)


def code(error: ClientError) -> str:
    """S3's own name for what it refused, or the HTTP status as text."""
    return error.response["Error"]["Code"]


def has_changed(error: BaseException) -> bool:
    """Whether the object isn't what it was when it was listed: written anew, or gone."""
    return isinstance(error, ClientError) and code(error) in _CHANGED


def meaning(error: ClientError | BotoCoreError, bucket: str, region: str, endpoint: str | None) -> Exception:
    """`CannotRun` with a sentence that says what to mend, or the error itself where nobody foresaw it: to be raised."""
    where = endpoint or f"in {region}"
    if isinstance(error, _NO_CREDENTIALS):
        return CannotRun("there are no AWS credentials: set AWS_ACCESS_KEY_ID, a profile or a role")
    if not isinstance(error, ClientError):
        return CannotRun(f"S3 {where} does not answer: check AWS_ENDPOINT_URL_S3 and the network")
    said = code(error)
    if said in _NO_BUCKET:
        return CannotRun(
            f"S3 has no bucket {bucket}: check LAKE_BUCKET or create it with `wardstream provision`"
        )
    if said in _REFUSED:
        return CannotRun(f"S3 {where} refuses our credentials for bucket {bucket}: check AWS_ACCESS_KEY_ID")
    if said in _ELSEWHERE:
        return CannotRun(f"bucket {bucket} is not in region {region}: check AWS_REGION")
    return error
