"""SeaweedFS: master, volume server, filer and S3 gateway in one process, on loopback."""

import os
import shutil
import signal
import sys
from http import HTTPStatus
from pathlib import Path

from wardstream.local import http_probe
from wardstream.local.children import Command
from wardstream.local.ports import LOOPBACK
from wardstream.local.server import Server
from wardstream.runtime.failure import CannotRun

# In the order of `_PORTS`.
PORT_COUNT = 8
_PORTS = (
    "s3.port",
    "s3.port.grpc",
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
)
_OPTIONS = (
    f"-ip={LOOPBACK}",
    f"-ip.bind={LOOPBACK}",
    "-dir=.",
    "-filer",
    "-s3",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    # Relative to the folder: a socket's path may be 107 bytes long at most.
    "-s3.localSocket=s3.sock",
    "-filer.localSocket=filer.sock",
    # A master that was here before waits out an election against nobody: up to 20 s by default.
    "-master.electionTimeout=500ms",
    "-master.heartbeatInterval=100ms",
    # Reports home by default.
    "-master.telemetry=false",
    # A bucket fills volumes of its own; files grow as they are written, nothing is set aside.
    "-master.volumeSizeLimitMB=64",
    "-volume.max=1000",
)


def server(folder: Path, logs: Path, ports: tuple[int, ...], access_key: str, secret_key: str) -> Server:
    """SeaweedFS with S3 on the first of `PORT_COUNT` ports, and one identity, which may do all."""
    ported = dict(zip(_PORTS, ports, strict=True))
    command = Command(
        name="s3",
        arguments=(
            binary(),
            "-logtostderr=true",
            "server",
            *_OPTIONS,
            *(f"-{name}={port}" for name, port in ported.items()),
        ),
        environment=os.environ | environment(access_key, secret_key),
        folder=folder,
        log=logs / "s3.log",
        # Asked to leave it waits 15 s for streams it has open to itself. What it has answered is written; killing
        # loses nothing.
        stop_signal=signal.SIGKILL,
        # It speaks to itself over these, always in /tmp.
        leaves=tuple(
            Path(f"/tmp/seaweedfs-{name.partition('.')[0]}-grpc-{port}.sock")  # noqa: S108 -- its choice
            for name, port in ported.items()
            if name.endswith(".grpc")
        ),
    )
    return Server(command=command, answers=lambda: answers(ported["s3.port"], ported["master.port"]))


def environment(access_key: str, secret_key: str) -> dict[str, str]:
    """SeaweedFS takes its one identity from AWS' own variables; a bucket starts with one volume, not seven."""
    return {
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1",
    }


def binary() -> str:
    """The wheel's, beside this Python. `CannotRun` when it isn't installed."""
    found = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    if found is None:
        raise CannotRun("SeaweedFS is not here: install the extra `wardstream[local]`")
    return found


def answers(port: int, master_port: int) -> bool:
    """Whether the gateway answers and a volume can be written."""
    asked = (f"http://{LOOPBACK}:{port}/status", f"http://{LOOPBACK}:{master_port}/dir/assign")
    return all(http_probe.status_of(url) == HTTPStatus.OK for url in asked)
