"""What the desk needs to reach."""

from wardstream.runtime.aws import AwsSettings
from wardstream.runtime.kafka import KafkaSettings


class DeskSettings(KafkaSettings, AwsSettings):
    """Kafka, for actions, and DynamoDB, for alarms."""
