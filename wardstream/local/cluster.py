"""Kafka alone, of one broker or several, for those who kill brokers or change every topic."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wardstream.local import kafka
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child, stop_all
from wardstream.local.ports import LOOPBACK, free_ports
from wardstream.local.servers import prepare


class Cluster:
    """Brokers by number, from 0; each is a process of its own. Kafka calls broker 0 node 1."""

    def __init__(self, folder: Path, count: int) -> None:
        ports = free_ports(2 * count)
        listening = tuple(kafka.Listening(*ports[n : n + 2]) for n in range(0, 2 * count, 2))
        cluster = kafka.cluster_id()
        self._servers = [
            kafka.broker(folder / f"kafka-{n}", folder / "logs" / f"{n}", listening, n, cluster)
            for n in range(count)
        ]
        self.brokers: dict[int, Child] = {}
        self.addresses = Addresses(
            kafka_bootstrap=",".join(f"{LOOPBACK}:{each.port}" for each in listening),
            mqtt_host=LOOPBACK,
            mqtt_port=1,
            s3_endpoint=f"http://{LOOPBACK}:1",
            dynamodb_endpoint=f"http://{LOOPBACK}:1",
        )

    def start(self, number: int) -> None:
        """Starts a broker; it may not answer yet."""
        prepare(self._servers[number])
        self.brokers[number] = Child(self._servers[number].command)

    def wait(self, number: int) -> None:
        """Waits until it answers."""
        server = self._servers[number]
        self.brokers[number].wait_until(server.answers, server.timeout_s)

    def start_all(self) -> None:
        """Starts all, and waits until each answers."""
        for number in range(len(self._servers)):
            self.start(number)
        for number in self.brokers:
            self.wait(number)


@contextmanager
def cluster(folder: Path, count: int = 1) -> Iterator[Cluster]:
    """`count` brokers that answer, with data and logs below `folder`; gone when the block ends. Main thread only."""
    made = Cluster(folder.resolve(), count)
    try:
        made.start_all()
        yield made
    finally:
        stop_all(made.brokers.values())
