"""A child's life, with small Python programs as children."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.waiting import is_alive, until
from wardstream.local.children import Child, Command, stop_all
from wardstream.runtime.failure import CannotRun

_SLEEPS = "import time; print('here', flush=True); time.sleep(600)"
_STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {_SLEEPS}"


def _command(folder: Path, program: str, **more: object) -> Command:
    settings: dict[str, object] = {
        "name": "small",
        "arguments": (sys.executable, "-c", program),
        "environment": os.environ,
        "folder": folder / "own",
        "log": folder / "logs" / "small.log",
    }
    return Command(**(settings | more))  # type: ignore[arg-type]  # each field's own type, by name


@pytest.fixture
def family() -> Iterator[list[Child]]:
    """Children appended here don't outlive the test."""
    children: list[Child] = []
    yield children
    stop_all(children)


def _has_said(child: Child, word: str) -> bool:
    return word in child.command.log.read_text()


def test_a_child_that_ends_before_it_is_ready_is_told_with_its_last_words(
    tmp_path: Path, family: list[Child]
) -> None:
    family.append(Child(_command(tmp_path, "import sys; print('first'); sys.exit('the disk is full')")))

    with pytest.raises(CannotRun) as told:
        family[0].wait_until(lambda: False, timeout_s=20)

    assert "small ended with exit code 1" in str(told.value)
    assert "the disk is full" in str(told.value)


def test_words_of_an_earlier_run_are_not_repeated(tmp_path: Path, family: list[Child]) -> None:
    command = _command(tmp_path, "raise SystemExit(2)")
    command.log.parent.mkdir()
    command.log.write_text("yesterday's trouble\n")
    family.append(Child(command))

    with pytest.raises(CannotRun) as told:
        family[0].wait_for_success(timeout_s=20)

    assert "yesterday" not in str(told.value)
    assert "yesterday" in command.log.read_text()


def test_a_child_that_does_not_answer_in_time_is_told(tmp_path: Path, family: list[Child]) -> None:
    family.append(Child(_command(tmp_path, _SLEEPS)))
    assert until(lambda: _has_said(family[0], "here"))

    with pytest.raises(CannotRun, match=r"small did not answer within 0\.1 s"):
        family[0].wait_until(lambda: False, timeout_s=0.1)


def test_a_program_that_does_not_exist_is_named(tmp_path: Path, family: list[Child]) -> None:
    family.append(Child(_command(tmp_path, "", arguments=("no-such-program",))))

    with pytest.raises(CannotRun, match=r"cannot run no-such-program: No such file or directory"):
        family[0].wait_for_success(timeout_s=20)


def test_a_child_that_is_asked_to_leave_ends_by_that_signal(tmp_path: Path, family: list[Child]) -> None:
    family.append(Child(_command(tmp_path, _SLEEPS)))
    assert until(lambda: _has_said(family[0], "here"))

    code = family[0].stop()

    assert code == -signal.SIGTERM
    assert family[0].stop() == code


def test_a_child_that_does_not_leave_is_killed_and_its_litter_removed(
    tmp_path: Path, family: list[Child]
) -> None:
    litter = tmp_path / "socket"
    litter.touch()
    family.append(Child(_command(tmp_path, _STUBBORN, grace_s=0.2, leaves=(litter,))))
    assert until(lambda: _has_said(family[0], "here"))

    code = family[0].stop()

    assert code == -signal.SIGKILL
    assert not litter.exists()


def test_all_are_asked_before_any_is_waited_for(tmp_path: Path, family: list[Child]) -> None:
    stubborn = Child(_command(tmp_path, _STUBBORN, grace_s=0.2))
    polite = Child(_command(tmp_path, _SLEEPS, log=tmp_path / "polite.log"))
    family.extend([stubborn, polite])
    assert until(lambda: all(_has_said(child, "here") for child in family))

    stop_all(family)

    assert [child.exit_code for child in family] == [-signal.SIGKILL, -signal.SIGTERM]


def test_a_child_cannot_be_started_from_a_thread_that_it_would_die_with(tmp_path: Path) -> None:
    refused: list[str] = []

    def start() -> None:
        try:
            Child(_command(tmp_path, _SLEEPS))
        except RuntimeError as error:
            refused.append(str(error))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()

    assert refused == ["small must be started from the main thread, or it dies with this one"]


_PARENT = """
import os, sys, time
from pathlib import Path
from wardstream.local.children import Child, Command

folder = Path(sys.argv[1])
child = Child(Command(
    name="orphan", arguments=(sys.executable, "-c", "import time; time.sleep(600)"), environment=os.environ,
    folder=folder, log=folder / "orphan.log",
))
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's tie between parent and child is Linux' own")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_child_outlives_its_parent_however_that_ends(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)

        parent.send_signal(number)
        parent.wait(20)

    assert until(lambda: not is_alive(child))
