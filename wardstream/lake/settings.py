"""What a question to the lake needs to know."""

from pydantic import Field

from wardstream.runtime.aws import AwsSettings


class LakeSettings(AwsSettings):
    """Where the lake is, and how much memory a question may take."""

    lake_bucket: str = Field("wardstream-lake", min_length=3, description="the lake's bucket")
    query_memory_mb: int = Field(
        512,
        ge=64,
        description="memory for joining, sorting and removing duplicates; beyond it disk is used, MB",
    )
    restore_poll_s: float = Field(
        300, gt=0, description="how often `wardstream restore` looks whether what it asked for is there, s"
    )
