"""What a question to the lake needs to know."""

from pydantic import Field

from wardstream.runtime.aws import AwsSettings


class LakeSettings(AwsSettings):
    """Where the lake is."""

    lake_bucket: str = Field("wardstream-lake", min_length=3, description="the lake's bucket")
