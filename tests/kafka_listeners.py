"""A Kafka with listeners besides its plain one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from wardstream.local import kafka
from wardstream.local.children import Child, stop_all
from wardstream.local.ports import LOOPBACK, accepts, free_ports
from wardstream.local.servers import prepare


class Listener(NamedTuple):
    """Clients are told of port `told`, where that is another (a door before it)."""

    name: str
    protocol: str
    port: int
    told: int = 0


def with_listeners(settings: str, listeners: Sequence[Listener], more: str = "") -> str:
    """The text of server.properties with these listeners in it, and `more` lines."""
    also = {
        "listeners=": [f"{each.name}://{LOOPBACK}:{each.port}" for each in listeners],
        "advertised.listeners=": [f"{each.name}://{LOOPBACK}:{each.told or each.port}" for each in listeners],
        "listener.security.protocol.map=": [f"{each.name}:{each.protocol}" for each in listeners],
    }
    lines = settings.splitlines()
    for place, line in enumerate(lines):
        for beginning, added in also.items():
            if line.startswith(beginning):
                lines[place] = ",".join([line, *added])
    return "\n".join(lines) + "\n" + more


@contextmanager
def running(folder: Path, listener: Listener, more: str) -> Iterator[str]:
    """A broker with this listener; the address of its plain one."""
    port, controller = free_ports(2)
    server = kafka.server(folder / "kafka", folder / "logs", port, controller)
    file = folder / "kafka" / "server.properties"
    file.write_text(with_listeners(file.read_text(), [listener], more))
    prepare(server)
    broker = Child(server.command)
    try:
        broker.wait_until(lambda: server.answers() and accepts(listener.port), server.timeout_s)
        yield f"{LOOPBACK}:{port}"
    finally:
        stop_all([broker])
