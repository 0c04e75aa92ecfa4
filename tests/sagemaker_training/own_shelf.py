"""A bucket of a test's own, filled from the topic `readings` by a sink of its own, and training over it."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from confluent_kafka import TopicPartition
from typer.testing import CliRunner, Result

from sagemaker_training.operating import entry_of
from sagemaker_training.shelf import Shelf
from tests.groups import ends, skip_what_is_there
from wardstream.cli import app
from wardstream.contracts.topics import ALARMS, ANOMALIES, READINGS
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child
from wardstream.local.services import service, start_ready
from wardstream.runtime import aws, kafka

_PATIENCE_S = 300.0


def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for `condition`; fails the test, saying `what` it waited for, when time is up."""
    deadline_s = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, f"waited {_PATIENCE_S:g} s for {what}"
        time.sleep(0.1)


class OwnShelf:
    """A bucket for readings and models."""

    def __init__(self, servers: Addresses, folder: Path) -> None:
        self.servers = servers
        self.bucket = f"models-{uuid.uuid4().hex[:10]}"
        self._folder = folder
        self._sinks: list[Child] = []
        self._kafka = kafka.KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap)
        self.s3 = aws.s3(aws.AwsSettings(aws_endpoint_url_s3=servers.s3_endpoint, aws_region=servers.region))
        self.s3.create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        self.shelf = Shelf(self.s3, self.bucket, servers.region)

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The variables that point a training at this bucket."""
        return self.servers.environment() | {"LAKE_BUCKET": self.bucket} | dict(more or {})

    def start_sink(self) -> None:
        """Keeps what is written from now on."""
        group = f"sink-{self.bucket}"
        skip_what_is_there(self._kafka, group, (READINGS.name, ANOMALIES.name, ALARMS.name))
        settings = {"LAKE_BUCKET": self.bucket, "SINK_GROUP": group, "FLUSH_INTERVAL_S": "0.5"}
        self._sinks.append(
            start_ready(service("parquet_sink", self.servers, self._folder, settings=settings))
        )

    def wait_until_kept(self) -> None:
        """Until the sink has committed all that is in the topic."""
        reader = kafka.consumer(self._kafka, f"sink-{self.bucket}")

        def is_kept() -> bool:
            wanted = {each.partition: each.offset for each in ends(reader, [READINGS.name])}
            done = reader.committed([TopicPartition(READINGS.name, number) for number in wanted], timeout=30)
            return all(each.offset >= wanted[each.partition] for each in done)

        try:
            until(is_kept, "the sink to keep everything")
        finally:
            reader.close()

    def trained(self, before: date, days: int, **more: str) -> Child:
        """`python -m sagemaker_training` over the `days` before a date, ended well."""
        arguments = ("--lake", f"s3://{self.bucket}", "--days", str(days), "--until", before.isoformat())
        run = Child(
            service(
                "sagemaker_training",
                self.servers,
                self._folder,
                arguments=(*arguments, "--held-out", "1"),
                settings=more,
            ).command
        )
        try:
            run.wait_for_success(_PATIENCE_S)
        finally:
            run.stop()
        return run

    def command(self, *arguments: str) -> Result:
        """`wardstream …` against this bucket."""
        return CliRunner().invoke(app, arguments, env=self.environment())

    def version(self, user: str) -> int:
        """The version in force by the shelf."""
        return entry_of(self.shelf, user).active_version

    def close(self) -> None:
        """Ends the sinks."""
        for child in self._sinks:
            child.stop()


@contextmanager
def own_shelf(servers: Addresses, folder: Path) -> Iterator[OwnShelf]:
    """A shelf whose sinks end with the block."""
    made = OwnShelf(servers, folder)
    try:
        yield made
    finally:
        made.close()
