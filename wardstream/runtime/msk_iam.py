"""Letting ourselves in to Amazon MSK with the role we run as: a presigned request as an OAUTHBEARER token."""

from aws_msk_iam_sasl_signer import MSKAuthTokenProvider

_MS_PER_S = 1000


def signed(region: str) -> tuple[str, float]:
    """(token, when it ends: seconds since 1970). It lasts 15 minutes at most; the Kafka client asks anew in time.

    Raises botocore's errors if there are no credentials.
    """
    token, ends_ms = MSKAuthTokenProvider.generate_auth_token(region)
    return token, ends_ms / _MS_PER_S
