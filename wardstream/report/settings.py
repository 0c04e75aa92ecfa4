"""What the report needs to reach."""

from pydantic import Field

from wardstream.lake.settings import LakeSettings
from wardstream.runtime.kafka import KafkaSettings


class ReportSettings(KafkaSettings, LakeSettings):
    """Kafka, DynamoDB and the lake, as the services see them."""

    flush_interval_s: float = Field(60.0, gt=0, description="the sink's flush interval, seconds")
