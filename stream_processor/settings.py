"""What the stream processor needs to know."""

from pydantic import DirectoryPath, Field, FilePath

from wardstream.contracts.topics import PROCESSOR_GROUP
from wardstream.runtime.kafka import KafkaSettings
from wardstream.scoring.rows import NEWEST, VERSIONS


class ProcessorSettings(KafkaSettings):
    """Kafka, the limits, and where Faust may keep files."""

    processor_group: str = Field(
        PROCESSOR_GROUP,
        pattern=r"^[A-Za-z0-9._\-]{1,200}$",
        description="the consumer group; also the first part of the name of its state topic",
    )
    limits_file: FilePath | None = Field(
        None,
        description="limits for everybody, TOML or JSON; unset: the defaults of wardstream.scoring.limits",
    )
    datadir: DirectoryPath | None = Field(None, description="Faust's folder; unset: a temporary one")
    kafka_replication: int = Field(1, ge=1, description="copies of the state topic; 3 on a real cluster")
    checkpoint_interval_s: float = Field(
        2.0,
        ge=0.05,
        le=60,
        description="how long a changed state may wait to be written; alarms don't wait for it",
    )
    most_awake: int = Field(
        4_000,
        ge=1,
        description="people of one partition whose state is held decoded (up to 8 kB each); the others wait as rows (1 kB)",
    )
    # No Literal: a variable's text is never one of its numbers.
    state_version: int = Field(
        NEWEST,
        ge=min(VERSIONS),
        le=NEWEST,
        description="version of the rows written; during a rolling upgrade, the one the old build reads",
    )
    group_instance_id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9._\-]{1,200}$",
        description="static membership: a name that stays with this worker over restarts; see docs/operating.md",
    )
