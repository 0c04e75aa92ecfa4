"""What an erasure can't remove but that ends by itself: Kafka's older records, backups, older versions of files."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # public, says the client's manual
    AdminClient,
    ConfigResource,
    ResourceType,
)

from wardstream.contracts.state_topic import state_topic
from wardstream.contracts.tables import ALARM_TABLE, ANOMALY_TABLE
from wardstream.contracts.topics import TOPICS
from wardstream.lake.objects import Bucket
from wardstream.person.journal import Expiry
from wardstream.runtime.kafka import KafkaSettings, client_config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TIMEOUT_S = 30.0
# What Kafka means by "never".
_FOR_EVER_MS = 2**53
_PITR_DAYS = 35
_NOTHING_ENDS_IT = ""
_HOLDS_NOBODY = {"bridge-slots"}


def of_topics(settings: KafkaSettings, group: str, now: datetime) -> Iterator[Expiry]:
    """When each topic has dropped what it held of anybody until now, by the topic's own settings."""
    admin = AdminClient(client_config(settings))
    known = admin.list_topics(timeout=_TIMEOUT_S).topics
    wanted = [topic.name for topic in TOPICS if topic.name not in _HOLDS_NOBODY] + [state_topic(group)]
    for name in wanted:
        if name in known:
            yield _of_topic(name, _settings_of(admin, name), now)


def _settings_of(admin: AdminClient, name: str) -> dict[str, str]:
    resource = ConfigResource(ResourceType.TOPIC, name)
    done: Any = admin.describe_configs([resource], request_timeout=_TIMEOUT_S)[resource]
    try:
        return {setting: entry.value for setting, entry in done.result().items()}
    except KafkaException:
        return {}


def _of_topic(name: str, said: dict[str, str], now: datetime) -> Expiry:
    what = f"Kafka topic {name}"
    if not said:
        return Expiry(what, _NOTHING_ENDS_IT, "its settings can't be read")
    if "compact" in said["cleanup.policy"]:
        longest_ms = int(said["max.compaction.lag.ms"])
        if longest_ms > _FOR_EVER_MS:
            return Expiry(
                what,
                _NOTHING_ENDS_IT,
                "a tombstone is written; older rows go when Kafka compacts, for which max.compaction.lag.ms sets no limit",
            )
        return Expiry(what, _in_ms(now, longest_ms), "a tombstone is written; compaction removes older rows")
    kept_ms = int(said["retention.ms"])
    if kept_ms < 0:
        return Expiry(what, _NOTHING_ENDS_IT, "retention.ms says for ever")
    # A segment goes as a whole, once its newest record is old enough; it takes new ones for `segment.ms`.
    return Expiry(
        what, _in_ms(now, kept_ms + int(said["segment.ms"])), "retention, and the life of a segment"
    )


def _in_ms(now: datetime, milliseconds: int) -> str:
    return (now + timedelta(milliseconds=milliseconds)).isoformat(timespec="seconds")


def of_tables(client: "DynamoDBClient", now: datetime) -> Iterator[Expiry]:
    """How long DynamoDB's continuous backups could bring the items back."""
    for table in (ANOMALY_TABLE, ALARM_TABLE):
        what = f"DynamoDB backups of {table}"
        try:
            said: Any = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        except (ClientError, BotoCoreError) as error:
            yield Expiry(
                what, _NOTHING_ENDS_IT, f"DynamoDB does not tell about them ({type(error).__name__})"
            )
            continue
        point: dict[str, Any] = said.get("PointInTimeRecoveryDescription", {})
        if point.get("PointInTimeRecoveryStatus") == "ENABLED":
            days = int(point.get("RecoveryPeriodInDays", _PITR_DAYS))
            until = (now + timedelta(days=days)).isoformat(timespec="seconds")
            yield Expiry(what, until, "point-in-time recovery")


def of_versions(bucket: Bucket, now: datetime) -> Iterator[Expiry]:
    """How long a versioned bucket keeps files that a compaction removed."""
    what = "older versions of files that compactions removed"
    try:
        if bucket.client.get_bucket_versioning(Bucket=bucket.name).get("Status") is None:
            return
        rules = bucket.client.get_bucket_lifecycle_configuration(Bucket=bucket.name)["Rules"]
    except ClientError:
        yield Expiry(what, _NOTHING_ENDS_IT, "the bucket keeps versions, and its rules can't be read")
        return
    except BotoCoreError as error:
        raise bucket.fault(error) from error
    days = [
        rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
        for rule in rules
        if rule["Status"] == "Enabled" and "NoncurrentVersionExpiration" in rule
    ]
    if not days:
        yield Expiry(what, _NOTHING_ENDS_IT, "the bucket keeps versions, and no rule removes them")
        return
    until = (now + timedelta(days=max(days))).isoformat(timespec="seconds")
    yield Expiry(what, until, "the bucket's rule on versions")
