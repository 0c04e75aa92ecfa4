"""`python -m wardstream.provision`: makes what is missing, says what it made, exits."""

import sys

from wardstream.provision import bucket, tables, topics
from wardstream.provision.settings import ProvisionSettings
from wardstream.runtime import aws, health, service, shutdown
from wardstream.runtime.logs import logger


def provision(settings: ProvisionSettings, _asked: shutdown.Shutdown, _health: health.Health) -> None:
    """Topics, then bucket, then tables; a second run finds all there."""
    made_topics = topics.make(settings)
    made_bucket = bucket.make(aws.s3(settings), settings.lake_bucket, settings.aws_region)
    made_tables = tables.make(aws.dynamodb(settings))
    logger().info("provisioned", topics=made_topics, bucket=made_bucket, tables=made_tables)


if __name__ == "__main__":
    sys.exit(service.serve("provision", ProvisionSettings, provision))
