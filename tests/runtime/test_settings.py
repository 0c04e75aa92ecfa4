"""Wrong settings end in one message that names every fault, and no traceback."""

import os
import subprocess
import sys

import pytest

SERVICES = ("mqtt_bridge", "stream_processor", "parquet_sink", "alarm_store", "wardstream.provision")


def start(service: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    # Only what Python itself needs: a developer's own KAFKA_BOOTSTRAP must not mend the fault.
    base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", service],
        env=base | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("service", SERVICES)
def test_every_fault_is_named_at_once_without_a_traceback(service: str) -> None:
    ended = start(service, {"HEALTH_PORT": "99999", "LOG_LEVEL": "loud"})

    assert ended.returncode == 78
    assert "Traceback" not in ended.stderr
    for fault in ("KAFKA_BOOTSTRAP", "HEALTH_PORT", "LOG_LEVEL"):
        assert fault in ended.stderr


def test_a_secret_is_never_repeated() -> None:
    ended = start(
        "wardstream.provision", {"KAFKA_PASSWORD": "hunter2-hunter2", "KAFKA_SECURITY_PROTOCOL": "odd"}
    )

    assert ended.returncode == 78
    assert "hunter2" not in ended.stderr + ended.stdout


@pytest.mark.parametrize("service", SERVICES)
def test_a_kafka_that_is_not_there_ends_in_one_sentence(service: str) -> None:
    # Port 1 on loopback refuses at once.
    environment = {
        "KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "MQTT_HOST": "127.0.0.1",
    }

    ended = start(service, environment)

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "Kafka at 127.0.0.1:1 does not answer" in ended.stderr
