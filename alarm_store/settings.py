"""What the store needs to know."""

from pydantic import Field

from wardstream.contracts.topics import ALARMS, ANOMALIES, STORE_GROUP
from wardstream.runtime.aws import AwsSettings
from wardstream.runtime.kafka import KafkaSettings


class StoreSettings(KafkaSettings, AwsSettings):
    """Where anomalies and alarms come from, and how they are kept."""

    anomaly_ttl_days: int = Field(
        400, ge=1, le=36_500, description="days an anomaly is kept after it was received"
    )
    store_group: str = Field(
        STORE_GROUP, min_length=1, description="consumer group; a new one reads the topics anew"
    )
    # As many as botocore keeps connections: more would open and close one per write.
    store_writers: int = Field(10, ge=1, le=64, description="writes to DynamoDB at once")
    anomalies_topic: str = Field(ANOMALIES.name, min_length=1, description="the topic of anomalies")
    alarms_topic: str = Field(ALARMS.name, min_length=1, description="the topic of alarms")
