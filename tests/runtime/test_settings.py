"""Wrong settings end in one message that names every fault, and no traceback."""

import os
import subprocess
import sys

import pytest

SERVICES = ("mqtt_bridge", "stream_processor", "parquet_sink", "alarm_store", "wardstream.provision")


def started(service: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    # Only what Python itself needs: a developer's own KAFKA_BOOTSTRAP must not mend the fault.
    base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", service],
        env=base | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """(exit code, what it said)."""
    with process:
        said, _ = process.communicate(timeout=120)
        return process.returncode, said


def test_every_fault_is_named_at_once_without_a_traceback() -> None:
    wrong = {"HEALTH_PORT": "99999", "LOG_LEVEL": "loud"}

    running = [started(service, wrong) for service in SERVICES]

    for code, said in map(ended, running):
        assert code == 78
        assert "Traceback" not in said
        for fault in ("KAFKA_BOOTSTRAP", "HEALTH_PORT", "LOG_LEVEL"):
            assert fault in said


def test_a_secret_is_never_repeated() -> None:
    wrong = {"KAFKA_PASSWORD": "hunter2-hunter2", "KAFKA_SECURITY_PROTOCOL": "odd"}

    code, said = ended(started("wardstream.provision", wrong))

    assert code == 78
    assert "hunter2" not in said


@pytest.mark.slow
def test_a_kafka_that_is_not_there_ends_in_one_sentence() -> None:
    # Port 1 on loopback refuses at once.
    nowhere = {
        "KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "MQTT_HOST": "127.0.0.1",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
    }

    running = [started(service, nowhere) for service in SERVICES]

    for code, said in map(ended, running):
        assert code == 1
        assert "Traceback" not in said
        assert "Kafka at 127.0.0.1:1 does not answer" in said
        assert len(said.splitlines()) < 8, said
