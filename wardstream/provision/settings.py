"""What provisioning needs to know."""

from pathlib import Path

from pydantic import Field

from wardstream.contracts.topics import PARTITIONS
from wardstream.runtime.aws import AwsSettings
from wardstream.runtime.kafka import KafkaSettings


class ProvisionSettings(KafkaSettings, AwsSettings):
    """Where to make topics, bucket and tables, and how many copies Kafka keeps."""

    lake_bucket: str = Field("wardstream-lake", min_length=3, description="the lake's bucket")
    kafka_replication: int = Field(1, ge=1, description="copies of each topic; 3 on a real cluster")
    kafka_partitions: int = Field(
        PARTITIONS,
        ge=PARTITIONS,
        le=1000,
        description="partitions of each new topic, but bridge-slots; those that are there keep theirs: `wardstream repartition`",
    )
    kafka_users_folder: Path | None = Field(
        None,
        description="a file for each Kafka user, named after it, with its password: makes users and rules (SCRAM-SHA-512)",
    )
