"""The same training as SageMaker runs it: `docker run IMAGE train`, everything below /opt/ml.

Sources: AWS, "How Amazon SageMaker AI Provides Training Information", "… Processes Training Output" and "… Signals
Algorithm Success and Failure": hyperparameters are text, the hosts of a job are in resourceconfig.json, a channel's objects
below input/data/CHANNEL, exit code 0 is success, and of output/failure the first 1024 characters are shown.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from pydantic import ValidationError

from sagemaker_training import arguments, loop
from sagemaker_training.settings import TrainingSettings
from sagemaker_training.train import Done
from wardstream.runtime import logs, settings, shutdown
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.health import Health

T = TypeVar("T")

COMMAND = "train"
CHANNEL = "readings"
# As the SageMaker training toolkit calls it.
_BASE = "SAGEMAKER_BASE_DIR"
_SHOWN = 1024
# What a job may set: hyperparameters by name, and the setting each stands for. `lake` is the bucket of the shelf, too.
HYPERPARAMETERS = {
    "days": "train_days",
    "held_out": "train_held_out_days",
    "until": "train_until",
    "shard": "train_shard",
    "hold": "train_hold",
}


class Hosts(msgspec.Struct, frozen=True):
    """resourceconfig.json, as far as it matters: the job's hosts, and which of them this is."""

    current_host: str
    hosts: list[str]

    @property
    def shard(self) -> str:
        """Every host trains its own part; all agree on the order."""
        return f"{sorted(self.hosts).index(self.current_host)}/{len(self.hosts)}"


def run() -> int:
    """One training; the exit code."""
    base = Path(os.environ.get(_BASE, "/opt/ml"))
    with shutdown.on_signals() as asked:
        try:
            done = _trained(base, asked)
        except loop.Left:
            return 0
        except ValidationError as error:
            why = settings.explain(TrainingSettings, error)
            sys.stderr.write(why)
            _tell(base, why)
            return settings.EX_CONFIG
        except CannotRun as failure:
            logs.logger().error("cannot_run", reason=str(failure))
            _tell(base, str(failure))
            return 1
        except BaseException as defect:
            # Only its kind: a message may hold what belongs to a person. The traceback is in the job's log.
            _tell(base, f"{type(defect).__name__}: see the log")
            raise
        model = base / "model"
        model.mkdir(parents=True, exist_ok=True)
        (model / "manifest.json").write_bytes(msgspec.json.encode(done.manifest))
        return 0


def _trained(base: Path, asked: shutdown.Shutdown) -> Done:
    configured = _configured(base)
    logs.configure("sagemaker_training", configured.log_level)
    return loop.run_once(configured, loop.shelf_of(configured), asked, Health())


def _configured(base: Path) -> TrainingSettings:
    config = base / "input" / "config"
    given = settings_of(_read(config / "hyperparameters.json", dict[str, str]) or {})
    hosts = _read(config / "resourceconfig.json", Hosts)
    if hosts is not None and "train_shard" not in given:
        given["train_shard"] = hosts.shard
    channel = base / "input" / "data" / CHANNEL
    if channel.is_dir():
        given["train_lake_folder"] = channel
    return TrainingSettings(**given)


def settings_of(hyperparameters: Mapping[str, str]) -> dict[str, Any]:
    """The settings that hyperparameters stand for; `CannotRun` names those that nobody knows."""
    unknown = sorted(hyperparameters.keys() - HYPERPARAMETERS.keys() - {"lake"})
    if unknown:
        raise CannotRun(f"unknown hyperparameters: {', '.join(unknown)}")
    given = {HYPERPARAMETERS[name]: text for name, text in hyperparameters.items() if name != "lake"}
    return given | (arguments.where(hyperparameters["lake"]) if "lake" in hyperparameters else {})


def _read(path: Path, kind: type[T]) -> T | None:
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except msgspec.MsgspecError as error:
        raise CannotRun(f"{path.name} is not as SageMaker writes it: {error}") from error


def _tell(base: Path, why: str) -> None:
    output = base / "output"
    output.mkdir(parents=True, exist_ok=True)
    (output / "failure").write_text(why[:_SHOWN])
