"""A whole training as SageMaker runs it: a channel's folder in, books and manifests in S3 out, no Kafka in reach."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from parquet_sink import rows
from sagemaker_training import manifest as manifests
from tests.sagemaker_training.own_shelf import OwnShelf, own_shelf
from tests.sagemaker_training.ward import resting
from wardstream.contracts import wire
from wardstream.local.addresses import Addresses

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]

_FIRST = date(2025, 11, 1)
_DAYS = 3


@pytest.fixture
def own(servers: Addresses, tmp_path: Path) -> Iterator[OwnShelf]:
    with own_shelf(servers, tmp_path) as made:
        yield made


def _given(base: Path, user: str) -> None:
    """What SageMaker lays out: the channel, the hyperparameters, the hosts."""
    for number in range(_DAYS):
        day = _FIRST + timedelta(days=number)
        said = resting(user, day, range(24 * 60), 58)
        table, _ = rows.table(0, [rows.Record(place, wire.encode(each)) for place, each in enumerate(said)])
        folder = base / "input" / "data" / "readings" / f"date={day}"
        folder.mkdir(parents=True)
        pq.write_table(table, folder / "readings-0-0.parquet")
    config = base / "input" / "config"
    config.mkdir(parents=True)
    wanted = {"days": str(_DAYS), "held_out": "1", "until": str(_FIRST + timedelta(days=_DAYS))}
    (config / "hyperparameters.json").write_bytes(msgspec.json.encode(wanted))
    hosts = {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "eth0"}
    (config / "resourceconfig.json").write_bytes(msgspec.json.encode(hosts))


def test_a_job_leaves_its_models_on_the_shelf_and_its_manifest_with_sagemaker(
    own: OwnShelf, tmp_path: Path
) -> None:
    base = tmp_path / "ml"
    _given(base, "ada")

    ended = subprocess.run(
        [sys.executable, "-m", "sagemaker_training", "train"],
        env=os.environ | own.environment({"KAFKA_BOOTSTRAP": "", "SAGEMAKER_BASE_DIR": str(base)}),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert ended.returncode == 0, ended.stderr
    assert not (base / "output" / "failure").exists()
    assert manifests.decoded((base / "model" / "manifest.json").read_bytes()) == own.shelf.newest()
    assert own.version("ada") == 1
    assert own.shelf.announced() == 0
    assert "ada" not in ended.stderr
