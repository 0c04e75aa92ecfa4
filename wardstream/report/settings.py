"""What the report needs to reach."""

from pydantic import Field

from wardstream.runtime.aws import AwsSettings
from wardstream.runtime.kafka import KafkaSettings


class ReportSettings(KafkaSettings, AwsSettings):
    """Kafka, DynamoDB and the lake, as the services see them."""

    lake_bucket: str = Field("wardstream-lake", min_length=3, description="the lake's bucket")
    flush_interval_s: float = Field(60.0, gt=0, description="the sink's flush interval, seconds")
