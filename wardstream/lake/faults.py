"""What S3's errors mean for somebody who asks the lake something."""

from botocore.exceptions import BotoCoreError, ClientError

from wardstream.runtime import s3_faults
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.s3_faults import code

_CHANGED = {"PreconditionFailed", "412", "NoSuchKey", "404"}


def has_changed(error: BaseException) -> bool:
    """Whether the object isn't what it was when it was listed: written anew, or gone."""
    return isinstance(error, ClientError) and code(error) in _CHANGED


def meaning(error: ClientError | BotoCoreError, bucket: str, region: str, endpoint: str | None) -> Exception:
    """`CannotRun` with a sentence that says what to mend, or the error itself where nobody foresaw it: to be raised."""
    where = f"S3 {endpoint or f'in {region}'}"
    if isinstance(error, s3_faults.NO_CREDENTIALS):
        return s3_faults.without_credentials()
    if not isinstance(error, ClientError):
        return CannotRun(f"{where} does not answer: check AWS_ENDPOINT_URL_S3 and the network")
    return s3_faults.to_mend(code(error), bucket, region, where) or error
