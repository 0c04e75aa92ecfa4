"""A Kafka of the test's own, for those who change every topic or kill brokers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wardstream.local.addresses import Addresses
from wardstream.local.cluster import Cluster, cluster
from wardstream.provision import topics
from wardstream.provision.settings import ProvisionSettings


@contextmanager
def provisioned(folder: Path, brokers: int = 1) -> Iterator[Cluster]:
    """A Kafka with every topic, as many copies as brokers, and no record."""
    with cluster(folder, brokers) as kafka:
        provision(kafka.addresses, brokers)
        yield kafka


def provision(servers: Addresses, copies: int = 1) -> list[str]:
    """The topics it made."""
    return topics.make(ProvisionSettings(kafka_bootstrap=servers.kafka_bootstrap, kafka_replication=copies))
