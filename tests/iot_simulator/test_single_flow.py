"""One device with its certificate, against a broker that asks for one."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.iot_simulator.authority import Authority
from tests.iot_simulator.broker import Broker, listening, running, until
from tests.iot_simulator.simulator import simulating
from wardstream.local.ports import free_ports

pytestmark = pytest.mark.flow
TOPIC = "iot/device/BSM_G101"
_LISTENER = """
listener {port} 127.0.0.1
allow_anonymous true
cafile {ca}
certfile {certificate}
keyfile {key}
require_certificate true
"""


class Guarded(NamedTuple):
    """A broker that only speaks to whoever shows a certificate of its authority."""

    broker: Broker
    authority: Authority
    tls_port: int
    websocket_port: int


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    authority = Authority(folder / "authority")
    server = authority.sign("server")
    tls_port, websocket_port = free_ports(2)
    files = {"ca": authority.file, "certificate": server.certificate, "key": server.key}
    listeners = _LISTENER.format(port=tls_port, **files)
    listeners += _LISTENER.format(port=websocket_port, **files) + "protocol websockets\n"
    with running(folder / "broker", listeners) as broker:
        yield Guarded(broker, authority, tls_port, websocket_port)


def shown(guarded: Guarded, name: str) -> list[str]:
    """The options of a device that shows its certificate."""
    signed = guarded.authority.sign(name)
    files = ("-r", str(guarded.authority.file), "-c", str(signed.certificate), "-k", str(signed.key))
    return ["-e", "localhost", *files, "-id", "BSM_G101", "-t", TOPIC]


def test_it_publishes_as_a_bedside_device_over_tls(guarded: Guarded, tmp_path: Path) -> None:
    options = [*shown(guarded, "publisher"), "-p", str(guarded.tls_port), "-m", "publish", "--duration", "3"]

    with listening(guarded.broker.port, TOPIC) as listener, simulating(tmp_path, *options) as simulator:
        code = simulator.wait()
        until(lambda: len(listener.heard) >= len(simulator.sent()))

    assert code == 0
    assert len(listener.heard) >= 3
    assert all(b'"deviceid":"BSM_G101"' in payload for _topic, payload in listener.heard)


def test_it_publishes_over_a_websocket_with_tls(guarded: Guarded, tmp_path: Path) -> None:
    options = [*shown(guarded, "websocket"), "-w", "-p", str(guarded.websocket_port), "-m", "publish"]

    with (
        listening(guarded.broker.port, TOPIC) as listener,
        simulating(tmp_path, *options, "--duration", "3") as simulator,
    ):
        code = simulator.wait()
        until(lambda: len(listener.heard) >= len(simulator.sent()))

    assert code == 0
    assert len(listener.heard) >= 3


def test_both_shows_on_the_terminal_what_it_published_itself(guarded: Guarded) -> None:
    options = [*shown(guarded, "both"), "-p", str(guarded.tls_port), "-m", "both"]
    command = [sys.executable, "-u", "-m", "iot_simulator", *options]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ) as both:
        assert both.stdout is not None
        lines = [both.stdout.readline() for _ in range(2)]
        both.send_signal(signal.SIGTERM)
        code = both.wait(10)

    assert code == 0
    assert all(line.startswith(f"{TOPIC} (".encode()) and b'"BSM_G101"' in line for line in lines)


def test_without_a_certificate_of_that_authority_nothing_gets_through(
    guarded: Guarded, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "other").sign("stranger")
    files = ("-r", str(guarded.authority.file), "-c", str(stranger.certificate), "-k", str(stranger.key))
    options = ["-e", "localhost", *files, "-id", "BSM_G101", "-p", str(guarded.tls_port), "-m", "publish"]

    with simulating(tmp_path, *options, "--duration", "1", "--drain", "0") as simulator:
        code = simulator.wait()

    assert code == 1
    assert f"broker not reachable at localhost:{guarded.tls_port}" in simulator.words()


def test_a_file_that_is_no_certificate_is_said_in_one_sentence(tmp_path: Path) -> None:
    nonsense = tmp_path / "cert.pem"
    nonsense.write_text("nonsense")
    files = ("-r", str(nonsense), "-c", str(nonsense), "-k", str(nonsense))

    with simulating(tmp_path, "-e", "localhost", *files, "-id", "BSM_G101") as simulator:
        code = simulator.wait()

    assert code == 1
    assert "the certificates can't be used" in simulator.words()
    assert "Traceback" not in simulator.words()
