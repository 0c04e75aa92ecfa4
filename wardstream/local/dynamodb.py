"""DynamoDB Local, on loopback."""

import os
from http import HTTPStatus
from pathlib import Path

from wardstream.local import http_probe, jars
from wardstream.local.children import Command
from wardstream.local.java import java
from wardstream.local.ports import LOOPBACK
from wardstream.local.server import Server

_SETTINGS = Path(__file__).with_name("dynamodb.xml")
# The simple compiler and collector halve the work of its start.
_JVM = ("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


def server(folder: Path, logs: Path, port: int) -> Server:
    """DynamoDB Local on `port`, one database for all keys and regions, in `folder`."""
    libraries = jars.present("dynamodb")
    command = Command(
        name="dynamodb",
        arguments=(
            java(),
            *_JVM,
            f"-Djava.library.path={libraries}",
            # For Java 24 and newer, which warn of the SQLite library.
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            f"{libraries}/*",
            "org.eclipse.jetty.xml.XmlConfiguration",
            f"wardstream.host={LOOPBACK}",
            f"wardstream.port={port}",
            f"wardstream.data={folder}",
            str(_SETTINGS),
        ),
        environment=os.environ,
        folder=folder,
        log=logs / "dynamodb.log",
    )
    return Server(command=command, answers=lambda: answers(port))


def answers(port: int) -> bool:
    """Whether it speaks: a request without credentials is refused with 400."""
    return http_probe.status_of(f"http://{LOOPBACK}:{port}/") == HTTPStatus.BAD_REQUEST
