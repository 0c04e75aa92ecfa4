"""What the sink needs to know."""

from pydantic import Field

from parquet_sink import kept
from parquet_sink.cut import Limits
from parquet_sink.kept import Kept
from wardstream.contracts.topics import ALARMS, ANOMALIES, READINGS, SINK_GROUP
from wardstream.runtime.aws import AwsSettings
from wardstream.runtime.kafka import KafkaSettings

_MIB = 1024 * 1024


class SinkSettings(KafkaSettings, AwsSettings):
    """Where readings come from, where they go, and how long they may wait."""

    lake_bucket: str = Field("wardstream-lake", min_length=3, description="the lake's bucket")
    flush_interval_s: float = Field(
        60, gt=0, le=3600, description="longest wait of a reading before it is cut, s"
    )
    flush_rows: int = Field(250_000, ge=1, le=5_000_000, description="most rows of one partition in a cut")
    flush_bytes: int = Field(
        64 * _MIB,
        ge=1024,
        le=1024 * _MIB,
        description="most bytes of records held before the largest partition is cut",
    )
    sink_group: str = Field(
        SINK_GROUP, min_length=1, description="consumer group; a new one reads the topic anew"
    )
    readings_topic: str = Field(READINGS.name, min_length=1, description="the topic whose readings are kept")
    anomalies_topic: str = Field(ANOMALIES.name, description="whose anomalies are kept; empty: none are")
    alarms_topic: str = Field(ALARMS.name, description="whose alarms' steps are kept; empty: none are")

    @property
    def limits(self) -> Limits:
        """When to cut."""
        return Limits(rows=self.flush_rows, bytes=self.flush_bytes, age_s=self.flush_interval_s)

    @property
    def topics(self) -> dict[str, Kept]:
        """What is kept, by topic."""
        named = {
            self.readings_topic: kept.READINGS,
            self.anomalies_topic: kept.ANOMALIES,
            self.alarms_topic: kept.ALARMS,
        }
        return {topic: how for topic, how in named.items() if topic}
