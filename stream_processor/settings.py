"""What the stream processor needs to know."""

from pydantic import DirectoryPath, Field, FilePath

from wardstream.contracts.topics import PROCESSOR_GROUP
from wardstream.runtime.kafka import KafkaSettings


class ProcessorSettings(KafkaSettings):
    """Kafka, the limits, and where Faust may keep files."""

    processor_group: str = Field(
        PROCESSOR_GROUP,
        pattern=r"^[A-Za-z0-9._\-]{1,200}$",
        description="the consumer group; also the first part of the names of its state topics",
    )
    limits_file: FilePath | None = Field(
        None,
        description="limits for everybody, TOML or JSON; unset: the defaults of wardstream.scoring.limits",
    )
    datadir: DirectoryPath | None = Field(None, description="Faust's folder; unset: a temporary one")
    kafka_replication: int = Field(1, ge=1, description="copies of each state topic; 3 on a real cluster")
