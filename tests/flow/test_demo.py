"""The whole pipeline, from devices to the lake, as a newcomer runs it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import psutil
import pytest

from wardstream.report.figures import Figures

pytestmark = pytest.mark.flow


def wait_until_said(log: Path, words: str, timeout_s: float) -> None:
    deadline_s = time.monotonic() + timeout_s
    while words not in (said := log.read_text()):
        assert time.monotonic() < deadline_s, f"waited {timeout_s:g} s for {words!r} in:\n{said}"
        time.sleep(0.2)


def processes_in(folder: Path) -> dict[int, str]:
    """Command lines of what still works below `folder`, by process id."""
    found = {}
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(str(folder)):
                found[process.pid] = " ".join(process.cmdline())
        except psutil.Error:
            # Gone between two looks, or not ours to look at.
            continue
    return found


def _logs(folder: Path) -> str:
    """What the services said: the folder itself is gone when somebody reads of a failure."""
    return "\n".join(f"{log.name}:\n{log.read_text()[-3000:]}" for log in sorted((folder / "logs").iterdir()))


@pytest.mark.timeout(400)
def test_a_demo_whose_scorer_is_killed_proves_at_ctrl_c_that_nothing_was_lost(tmp_path: Path) -> None:
    figures, log, folder = tmp_path / "report.json", tmp_path / "said", tmp_path / "demo"
    command = [sys.executable, "-c", "from wardstream.cli import app; app()", "demo", "--devices", "20"]
    options = ["--duration", "0", "--report", str(figures), "--folder", str(folder)]

    with log.open("wb") as out:
        demo = subprocess.Popen(
            [*command, *options], stdout=out, stderr=out, env=os.environ, start_new_session=True
        )
    try:
        wait_until_said(log, "acknowledged", 200)
        (scorer,) = (
            pid for pid, line in processes_in(folder).items() if line.endswith("-m stream_processor")
        )
        os.kill(scorer, signal.SIGKILL)
        wait_until_said(log, "It is started again.", 20)
        demo.send_signal(signal.SIGINT)
        code = demo.wait(150)
    finally:
        demo.kill()

    assert code == 0, log.read_text()
    found = msgspec.json.decode(figures.read_bytes(), type=Figures)
    assert found.published > 0
    assert found.acknowledged == found.in_kafka == found.published
    assert (found.lost, found.duplicates, found.unexpected) == (0, 0, 0)
    told = log.read_text()
    assert found.parquet_rows == found.scored == found.published - found.rejected, told + _logs(folder)
    assert "Nothing was lost and nothing was counted twice." in told
    assert processes_in(folder) == {}
