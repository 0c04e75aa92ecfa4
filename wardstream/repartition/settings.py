"""What growing needs to know."""

from pydantic import Field

from wardstream.contracts.topics import PROCESSOR_GROUP
from wardstream.runtime.kafka import KafkaSettings


class RepartitionSettings(KafkaSettings):
    """Kafka, and whose state moves."""

    processor_group: str = Field(
        PROCESSOR_GROUP,
        pattern=r"^[A-Za-z0-9._\-]{1,200}$",
        description="the processor's consumer group, as its workers have it",
    )
