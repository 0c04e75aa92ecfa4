"""What SageMaker gives a container, and what it gets back."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from sagemaker_training.container import Hosts, settings_of
from wardstream.runtime.failure import CannotRun


def _run(base: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sagemaker_training", "train"],
        env=os.environ | {"SAGEMAKER_BASE_DIR": str(base)} | more,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_hyperparameters_are_settings() -> None:
    given = settings_of({"days": "14", "held_out": "2", "lake": "s3://bucket/", "hold": "true"})

    assert given == {
        "train_days": "14",
        "train_held_out_days": "2",
        "lake_bucket": "bucket",
        "train_hold": "true",
    }


def test_an_unknown_hyperparameter_is_refused() -> None:
    with pytest.raises(CannotRun, match="epochs"):
        settings_of({"epochs": "3"})


def test_every_host_of_a_job_trains_a_shard_of_its_own() -> None:
    hosts = ["algo-2", "algo-1", "algo-3"]

    shards = {Hosts(current_host=host, hosts=hosts).shard for host in hosts}

    assert shards == {"0/3", "1/3", "2/3"}


@pytest.mark.slow
def test_a_failure_is_told_where_sagemaker_looks_for_it(tmp_path: Path) -> None:
    config = tmp_path / "input" / "config"
    config.mkdir(parents=True)
    (config / "hyperparameters.json").write_bytes(msgspec.json.encode({"epochs": "3"}))

    ended = _run(tmp_path)

    assert ended.returncode == 1
    assert (tmp_path / "output" / "failure").read_text() == "unknown hyperparameters: epochs"


@pytest.mark.slow
def test_a_wrong_setting_is_told_too(tmp_path: Path) -> None:
    config = tmp_path / "input" / "config"
    config.mkdir(parents=True)
    (config / "hyperparameters.json").write_bytes(msgspec.json.encode({"days": "none"}))

    ended = _run(tmp_path)

    assert ended.returncode == 78
    assert "TRAIN_DAYS" in (tmp_path / "output" / "failure").read_text()
