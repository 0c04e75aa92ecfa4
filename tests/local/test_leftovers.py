"""What a crashed supervisor left is stopped, and nothing else."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.local.waiting import is_alive
from wardstream.local import leftovers
from wardstream.local.state import State


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that nobody ties to anything."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process
        process.kill()


def test_a_recorded_process_is_killed_and_its_litter_removed(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    litter = tmp_path / "socket"
    litter.touch()
    recorded = leftovers.known("sleeper", sleeper.pid, (litter,))

    leftovers.sweep(State(supervisor=1, processes=(recorded,)))

    assert not is_alive(sleeper.pid)
    assert not litter.exists()


def test_another_process_that_has_the_pid_now_is_left_alone(sleeper: subprocess.Popen[bytes]) -> None:
    recorded = leftovers.known("sleeper", sleeper.pid)
    earlier = msgspec.structs.replace(recorded, started_s=recorded.started_s - 3600)

    leftovers.sweep(State(supervisor=1, processes=(earlier,)))

    assert leftovers.find(earlier) is None
    assert is_alive(sleeper.pid)


def test_a_process_that_is_gone_is_no_trouble(sleeper: subprocess.Popen[bytes]) -> None:
    recorded = leftovers.known("sleeper", sleeper.pid)
    sleeper.kill()
    sleeper.wait()

    leftovers.sweep(State(supervisor=1, processes=(recorded,)))

    assert leftovers.find(recorded) is None
