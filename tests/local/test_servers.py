"""Servers that cannot start, and a Ctrl-C while they do: one clear error, and nothing left."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.local.waiting import is_alive, until
from wardstream.local import mosquitto
from wardstream.local.children import Child
from wardstream.local.ports import LOOPBACK
from wardstream.local.servers import running_servers
from wardstream.runtime.failure import CannotRun

pytestmark = pytest.mark.flow


def test_a_server_whose_disk_is_not_its_own_ends_all_with_its_own_words(tmp_path: Path) -> None:
    data = tmp_path / "kafka" / "data"
    data.mkdir(parents=True)
    (data / "bootstrap.checkpoint").touch()
    (data / "meta.properties").write_text("version=1\nnode.id=7\ncluster.id=someone-elses\n")
    started: list[Child] = []

    with pytest.raises(CannotRun) as told, running_servers(tmp_path, started.append):
        pytest.fail("Kafka took a disk of another node")

    assert str(told.value).startswith("kafka ended with exit code 1 ")
    assert "node" in str(told.value)
    assert [child.command.name for child in started] == ["mosquitto", "s3", "dynamodb", "kafka"]
    assert all(child.exit_code is not None for child in started)
    assert not any(path.exists() for child in started for path in child.command.leaves)


def test_a_server_whose_port_is_taken_says_so(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        taken.settimeout(0.1)
        server = mosquitto.server(tmp_path / "mosquitto", tmp_path, taken.getsockname()[1])
        child = Child(server.command)
        try:
            with pytest.raises(CannotRun, match=r"mosquitto ended with exit code 1 .*") as told:
                child.wait_until(lambda: False, timeout_s=20)
        finally:
            child.stop()

    assert "Address already in use" in str(told.value)


_SCRIPT = """
import sys
from pathlib import Path
from wardstream.local.servers import running_servers

with running_servers(Path(sys.argv[1]), lambda child: print(child.pid, flush=True)):
    pass
"""


def test_ctrl_c_while_servers_start_leaves_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _SCRIPT, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    ) as script:
        assert script.stdout is not None
        assert script.stderr is not None
        pids = [int(script.stdout.readline()) for _ in range(3)]
        children = psutil.Process(script.pid).children(recursive=True)
        family = {child.pid for child in children}
        sockets = _sockets(children)

        script.send_signal(signal.SIGINT)
        told = script.stderr.read()
        script.wait(30)

    assert "KeyboardInterrupt" in told
    assert set(pids) <= family
    assert until(lambda: not any(is_alive(pid) for pid in family))
    assert sockets
    assert not any(path.exists() for path in sockets)


def _sockets(children: list[psutil.Process]) -> list[Path]:
    """Where a SeaweedFS among them listens by file: others may run beside it."""
    said = [argument for child in children for argument in child.cmdline()]
    named = (argument.lstrip("-").partition("=") for argument in said if ".port.grpc=" in argument)
    return [Path(f"/tmp/seaweedfs-{name.partition('.')[0]}-grpc-{port}.sock") for name, _, port in named]
