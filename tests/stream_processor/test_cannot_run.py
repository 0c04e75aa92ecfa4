"""When the world is not as it must be: one sentence, and an exit code that says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scoring.made import reading
from tests.stream_processor.people import new_person
from tests.stream_processor.processing import group
from tests.stream_processor.topics import listening, write_readings
from wardstream.local.addresses import Addresses
from wardstream.local.ports import LOOPBACK, free_ports

_TIMEOUT_S = 60.0


def _run(settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("KAFKA_")}
    return subprocess.run(
        [sys.executable, "-m", "stream_processor"],
        env=inherited | settings,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )


def test_wrong_settings_are_all_named_in_one_message() -> None:
    ended = _run({"LIMITS_FILE": "/no/such/file", "HEALTH_PORT": "99999"})

    assert ended.returncode == 78
    for name in ("KAFKA_BOOTSTRAP", "LIMITS_FILE", "HEALTH_PORT"):
        assert name in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.flow
def test_without_kafka_it_says_so_in_one_sentence() -> None:
    (closed,) = free_ports(1)

    ended = _run({"KAFKA_BOOTSTRAP": f"{LOOPBACK}:{closed}"})

    said = [line for line in ended.stderr.splitlines() if line.startswith("stream_processor: ")]
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert len(said) == 1
    assert "does not answer" in said[0]


def test_limits_that_make_no_sense_are_told_with_their_file(tmp_path: Path) -> None:
    written = tmp_path / "limits.toml"
    written.write_text("[simple.heart_rate_bpm]\nlow = 120\nhigh = 100\n")

    ended = _run({"KAFKA_BOOTSTRAP": f"{LOOPBACK}:1", "LIMITS_FILE": str(written)})

    assert ended.returncode == 1
    assert f"LIMITS_FILE {written} can't be used: low must be below high" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.flow
def test_limits_from_a_file_hold_for_everybody(servers: Addresses, tmp_path: Path) -> None:
    user = new_person()
    written = tmp_path / "limits.json"
    written.write_text('{"simple": {"heart_rate_bpm": {"low": 30, "high": 140}}}')

    with group(servers, tmp_path) as workers, listening(servers, {user}) as heard:
        workers.start({"LIMITS_FILE": str(written)})
        write_readings(
            servers, [reading(n, user=user, heart_rate_bpm=float(v)) for n, v in enumerate((120, 141))]
        )
        heard.until(lambda said: len(said.anomalies) == 1)

    assert (heard.anomalies[0].value, heard.anomalies[0].limit) == (141, 140)
