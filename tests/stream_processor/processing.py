"""A stream processor under test, on the shared Kafka, with a group of its own that starts where the topics end."""

import re
import signal
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from stream_processor.partition import SOURCES
from tests.groups import skip_what_is_there
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child
from wardstream.local.ports import LOOPBACK
from wardstream.local.services import Service, service, start_ready
from wardstream.runtime.kafka import KafkaSettings

_TIMEOUT_S = 90.0
_POLL_S = 0.05


class Group:
    """A consumer group that has read nothing that was there before it, and the workers in it."""

    def __init__(self, servers: Addresses, folder: Path, module: str = "stream_processor") -> None:
        self.servers = servers
        self.folder = folder
        self._module = module
        self.name = f"processor-{uuid4().hex[:12]}"
        self._workers: list[Child] = []
        skip_what_is_there(KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap), self.name, SOURCES)

    def start(self, settings: Mapping[str, str] | None = None) -> "Worker":
        """A worker, ready."""
        wanted = self._wanted(settings)
        return self._kept(start_ready(wanted, _TIMEOUT_S), wanted)

    def start_unready(self, settings: Mapping[str, str] | None = None) -> "Worker":
        """A worker that may never get ready."""
        wanted = self._wanted(settings)
        return self._kept(Child(wanted.command), wanted)

    def _kept(self, child: Child, wanted: Service) -> "Worker":
        self._workers.append(child)
        return Worker(child, wanted)

    def _wanted(self, settings: Mapping[str, str] | None) -> Service:
        return service(
            self._module,
            self.servers,
            self.folder,
            name=f"worker-{len(self._workers)}",
            # A killed worker can't remove a temporary folder of its own.
            # Steps that the clock makes can't be recomputed from readings: the tests about it switch it on.
            settings={"PROCESSOR_GROUP": self.name, "DATADIR": str(self.folder), "TICK_S": "0"}
            | dict(settings or {}),
        )

    @property
    def is_any_running(self) -> bool:
        """Whether a worker has not ended."""
        return any(worker.exit_code is None for worker in self._workers)

    def stop(self) -> None:
        """Ends every worker."""
        for worker in self._workers:
            worker.stop()


class Worker:
    """A running `python -m stream_processor`."""

    def __init__(self, child: Child, started: Service) -> None:
        self._child = child
        self._service = started

    @property
    def log(self) -> str:
        return self._child.command.log.read_text()

    def metric(self, name: str) -> float:
        """A counter's value now."""
        url = f"http://{LOOPBACK}:{self._service.health_port}/metrics"
        with urllib.request.urlopen(url, timeout=10) as answer:
            page = answer.read().decode()
        found = re.search(rf"^{name} (\S+)$", page, re.MULTILINE)
        assert found, f"no {name} on {url}"
        return float(found[1])

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        return self._child.stop()

    def wait(self) -> int:
        """Its exit code, once it has ended by itself."""
        deadline = time.monotonic() + _TIMEOUT_S
        while self._child.exit_code is None:
            assert time.monotonic() < deadline, "it still runs"
            time.sleep(_POLL_S)
        return self._child.exit_code

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._child.exit_code

    def until(self, metric: str, value: float) -> None:
        """Waits until a counter has reached `value`."""
        deadline = time.monotonic() + _TIMEOUT_S
        while self.metric(metric) < value:
            assert time.monotonic() < deadline, f"{metric} stays below {value}"
            time.sleep(_POLL_S)

    def until_said(self, words: str) -> None:
        """Waits until its log has these words."""
        deadline = time.monotonic() + _TIMEOUT_S
        while words not in self.log:
            assert time.monotonic() < deadline, f"it never said {words!r}:\n{self.log}"
            time.sleep(_POLL_S)

    def ends_within(self, patience_s: float) -> int | None:
        """Its exit code if it ends by itself in that time; None if it goes on."""
        deadline = time.monotonic() + patience_s
        while self.exit_code is None and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        return self.exit_code

    def freeze(self) -> None:
        """SIGSTOP: it stands still and knows nothing of it."""
        self._child.send(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._child.send(signal.SIGCONT)

    def kill(self) -> None:
        """kill -9."""
        self._child.send(signal.SIGKILL)
        self._child.stop()


@contextmanager
def group(servers: Addresses, folder: Path, module: str = "stream_processor") -> Iterator[Group]:
    """A group whose workers (`python -m module`) end with the block."""
    made = Group(servers, folder, module)
    try:
        yield made
    finally:
        made.stop()
