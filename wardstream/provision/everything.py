"""Topics, Kafka's users and rules, then bucket, then tables; a second run finds all there."""

from wardstream.provision import access, bucket, tables, topics
from wardstream.provision.settings import ProvisionSettings
from wardstream.runtime import aws


def make(settings: ProvisionSettings) -> list[str]:
    """Makes what is missing and returns its names; `CannotRun` says what can't be made and why."""
    made_topics = topics.make(settings)
    made_users = access.make(settings)
    made_bucket = bucket.make(aws.s3(settings), settings.lake_bucket, settings.aws_region)
    made_tables = tables.make(aws.dynamodb(settings))
    return [*made_topics, *made_users, *([settings.lake_bucket] if made_bucket else []), *made_tables]
