"""Apache Kafka on loopback: brokers that are their own controllers (KRaft); usually one."""

import os
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any, NamedTuple

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from wardstream.local import jars
from wardstream.local.children import Command
from wardstream.local.java import java
from wardstream.local.ports import LOOPBACK, accepts
from wardstream.local.server import Server

_HEAP = "-Xmx512m"
_SETTINGS = """\
process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
# A misspelt topic must fail, not appear.
auto.create.topics.enable=false
offsets.topic.replication.factor={copies}
offsets.topic.num.partitions=8
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={in_sync}
transaction.state.log.num.partitions=8
group.initial.rebalance.delay.ms=0
# The default takes 128 MB of heap.
log.cleaner.dedupe.buffer.size=16777216
"""


class Listening(NamedTuple):
    """A broker's two ports."""

    port: int
    controller_port: int


def server(folder: Path, logs: Path, port: int, controller_port: int) -> Server:
    """Kafka on `port` with its data in `folder`, formatted on first use (and only then)."""
    return broker(folder, logs, (Listening(port, controller_port),), 0, cluster_id())


def broker(folder: Path, logs: Path, all_of_them: tuple[Listening, ...], number: int, cluster: str) -> Server:
    """One broker of `all_of_them`, with its data in `folder`; all are formatted with the same `cluster` id."""
    port = all_of_them[number].port
    data = folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "server.properties"
    settings.write_text(
        _SETTINGS.format(
            host=LOOPBACK,
            port=port,
            controller_port=all_of_them[number].controller_port,
            data=data,
            node=number + 1,
            voters=",".join(
                f"{n}@{LOOPBACK}:{each.controller_port}" for n, each in enumerate(all_of_them, 1)
            ),
            copies=len(all_of_them),
            in_sync=max(1, len(all_of_them) - 1),
        )
    )
    run = _java(folder, logs, "kafka", (_HEAP, "-Xms256m"), ("kafka.Kafka", str(settings)))
    tool = (
        "kafka.tools.StorageTool",
        "format",
        "--ignore-formatted",
        "-t",
        cluster,
        "-c",
        str(settings),
    )
    # One compiler tier: the tool runs for a second.
    formatting = _java(folder, logs, "kafka-format", ("-XX:TieredStopAtLevel=1",), tool)
    formatted = (data / "meta.properties").is_file() and (data / "bootstrap.checkpoint").is_file()
    return Server(
        command=run,
        answers=lambda: answers(port),
        first=None if formatted else formatting,
    )


def _java(folder: Path, logs: Path, name: str, options: tuple[str, ...], main: tuple[str, ...]) -> Command:
    return Command(
        name=name,
        arguments=(
            java(),
            *options,
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
            "-cp",
            f"{jars.present('kafka')}/*",
            *main,
        ),
        environment=os.environ,
        folder=folder,
        log=logs / f"{name}.log",
        # A controlled shutdown closes the logs, which saves the next start their recovery.
        grace_s=20.0,
    )


def cluster_id() -> str:
    """A new one."""
    # As Kafka's own ids: one that begins with a dash would be taken for an option.
    while (made := urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return made


def answers(port: int) -> bool:
    """Whether the broker tells its metadata."""
    if not accepts(port):
        return False
    config: dict[str, Any] = {"bootstrap.servers": f"{LOOPBACK}:{port}", "log_level": 0, "error_cb": _ignore}
    client = AdminClient(config)
    try:
        return bool(client.list_topics(timeout=2).brokers)
    except KafkaException:
        return False


def _ignore(_error: object) -> None:
    """A broker that isn't there yet is what we ask about, no event."""
