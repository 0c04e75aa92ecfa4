"""Workers that count, the topics they read, and what they said."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # public, says the client's manual

from wardstream.local.addresses import Addresses
from wardstream.local.children import Child, Command
from wardstream.runtime.kafka import KafkaSettings, consumer, producer

_APP = Path(__file__).with_name("counting_app.py")
_TIMEOUT_S = 90.0
_POLL_S = 0.05


class Handled(NamedTuple):
    """One batch that a worker was done with."""

    generation: int
    topic: str
    partition: int
    offsets: tuple[int, ...]

    @property
    def places(self) -> list[tuple[str, int, int]]:
        """(topic, partition, offset) of its records."""
        return [(self.topic, self.partition, offset) for offset in self.offsets]


class Counter:
    """One worker."""

    def __init__(self, child: Child, says: Path) -> None:
        self._child = child
        self._says = says
        self._read_to = 0
        self._said: list[dict[str, Any]] = []

    @property
    def said(self) -> list[dict[str, Any]]:
        """Every whole line."""
        if self._says.exists():
            with self._says.open("rb") as says:
                says.seek(self._read_to)
                text = says.read()
            whole = text.rfind(b"\n") + 1
            self._read_to += whole
            self._said += map(json.loads, text[:whole].splitlines())
        return self._said

    @property
    def handled(self) -> list[Handled]:
        """What it has handled, in order."""
        return [
            Handled(each["generation"], each["topic"], each["partition"], tuple(each["offsets"]))
            for each in self.said
            if "offsets" in each
        ]

    @property
    def assigned(self) -> set[tuple[str, int]]:
        """What it holds since the last rebalance."""
        said = [each["assigned"] for each in self.said if "assigned" in each]
        return {(topic, partition) for topic, partition in said[-1]} if said else set()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        return self._child.stop()

    def kill(self) -> None:
        """kill -9."""
        self._child.send(signal.SIGKILL)
        self._child.stop()

    def wait(self) -> int:
        """Its exit code, once it has ended by itself."""
        until(lambda: self._child.exit_code is not None)
        return self._child.exit_code or 0


class Counting:
    """A group of workers on topics of its own."""

    def __init__(self, servers: Addresses, folder: Path) -> None:
        self.settings = KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap)
        self.admin = AdminClient({"bootstrap.servers": servers.kafka_bootstrap})
        self.group = f"counting-{uuid4().hex[:8]}"
        self.topics: list[str] = []
        self._folder = folder
        self._children: list[Child] = []
        self.workers: list[Counter] = []

    def topic(self, partitions: int) -> str:
        """A new topic that the workers read."""
        name = f"counted-{uuid4().hex[:8]}"
        self.admin.create_topics([NewTopic(name, partitions, 1)])[name].result(_TIMEOUT_S)
        self.topics.append(name)
        return name

    def write(self, topic: str, partition: int, values: Iterable[bytes], **more: Any) -> None:
        """Writes in order; returns once Kafka has everything."""
        writer = producer(self.settings, **more)
        for value in values:
            writer.produce(topic, value, partition=partition)
            writer.poll(0)
        assert writer.flush(_TIMEOUT_S) == 0

    def start(self, **variables: str) -> Counter:
        """A worker; it may not have joined yet."""
        name = f"worker-{len(self.workers)}"
        own = self._folder / name
        says = own / "says"
        wanted = {
            "GROUP": self.group,
            "TOPICS": ",".join(self.topics),
            "KAFKA_BOOTSTRAP": self.settings.kafka_bootstrap,
            "TMPDIR": str(own),
            "SAYS": str(says),
        }
        command = Command(
            name=name,
            arguments=(sys.executable, str(_APP), "worker", "-l", "info", "--without-web"),
            environment=dict(os.environ) | wanted | variables,
            folder=own,
            log=own / "log",
            grace_s=20.0,
        )
        self._children.append(Child(command))
        self.workers.append(Counter(self._children[-1], says))
        return self.workers[-1]

    @property
    def places(self) -> list[tuple[str, int, int]]:
        """Every record handled, by all workers together, as often as it was."""
        return [place for worker in self.workers for each in worker.handled for place in each.places]

    def until_handled(self, count: int) -> None:
        """Waits until so many different records are handled."""
        until(lambda: len(set(self.places)) >= count)

    def committed(self, topic: str, partitions: int) -> list[int]:
        """What the group has committed of each partition."""
        reader = consumer(self.settings, self.group)
        try:
            asked = [TopicPartition(topic, partition) for partition in range(partitions)]
            return [each.offset for each in reader.committed(asked, timeout=_TIMEOUT_S)]
        finally:
            reader.close()

    def stop(self) -> None:
        """Ends every worker."""
        for child in self._children:
            child.stop()


def until(is_so: Callable[[], bool], timeout_s: float = _TIMEOUT_S) -> None:
    """Waits until that is true."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(_POLL_S)


@contextmanager
def counting(servers: Addresses, folder: Path) -> Iterator[Counting]:
    """A group whose workers end with the block."""
    made = Counting(servers, folder)
    try:
        yield made
    finally:
        made.stop()


def numbered(count: int, size: int = 20) -> list[bytes]:
    """Values that tell themselves apart."""
    return [str(number).encode().ljust(size, b".") for number in range(count)]
