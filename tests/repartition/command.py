"""`wardstream repartition` against a Kafka of the test's own."""

import os
import subprocess
import sys

from confluent_kafka.admin import AdminClient

from wardstream.local.addresses import Addresses

_TIMEOUT_S = 90.0
_MAIN = "from wardstream.cli import app; app()"


def started(servers: Addresses, group: str, partitions: int) -> subprocess.Popen[str]:
    """The command, running."""
    return subprocess.Popen(
        [sys.executable, "-c", _MAIN, "repartition", "--partitions", str(partitions)],
        env=os.environ | {"KAFKA_BOOTSTRAP": servers.kafka_bootstrap, "PROCESSOR_GROUP": group},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def repartition(servers: Addresses, group: str, partitions: int) -> tuple[int, str]:
    """(exit code, what it said)."""
    command = started(servers, group, partitions)
    try:
        said, _ = command.communicate(timeout=_TIMEOUT_S)
    finally:
        command.kill()
        command.wait()
    return command.returncode, said


def counts(servers: Addresses) -> dict[str, int]:
    """Partitions by topic, of Kafka's own ones too."""
    admin = AdminClient({"bootstrap.servers": servers.kafka_bootstrap})
    return {name: len(topic.partitions) for name, topic in admin.list_topics(timeout=30).topics.items()}
