"""What exporting and erasing need to know."""

from pydantic import Field

from wardstream.contracts.topics import ALARMS, ANOMALIES, PROCESSOR_GROUP, SINK_GROUP, STORE_GROUP
from wardstream.lake.settings import LakeSettings
from wardstream.runtime.kafka import KafkaSettings


class PersonSettings(KafkaSettings, LakeSettings):
    """Where a person's data may be, and the groups that carry it there."""

    processor_group: str = Field(PROCESSOR_GROUP, min_length=1, description="the processor's consumer group")
    sink_group: str = Field(SINK_GROUP, min_length=1, description="the sink's consumer group")
    store_group: str = Field(STORE_GROUP, min_length=1, description="the alarm store's consumer group")
    anomalies_topic: str = Field(
        ANOMALIES.name, description="whose anomalies the sink keeps; empty: none are"
    )
    alarms_topic: str = Field(ALARMS.name, description="whose alarms' steps the sink keeps; empty: none are")
    erase_settle_s: float = Field(
        5, ge=0, description="how long bridges may take to learn that a device is nobody's any more, s"
    )
    erase_patience_s: float = Field(
        300, gt=0, description="how long to wait for a service to take in what was sent before, s"
    )
