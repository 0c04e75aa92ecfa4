"""The loop: trains when it is time, publishes what came of it, and leaves when asked to."""

import time
from datetime import UTC, date, datetime

import msgspec

from sagemaker_training import history
from sagemaker_training.forget import Forgotten, barred_by, forget
from sagemaker_training.publish import publish
from sagemaker_training.settings import TrainingSettings
from sagemaker_training.shelf import Shelf
from sagemaker_training.train import Done, Plan, train
from wardstream.lake import source
from wardstream.runtime import aws
from wardstream.runtime.health import Health
from wardstream.runtime.logs import logger
from wardstream.runtime.shutdown import Shutdown

_WAIT_S = 5.0
_HOUR_S = 3600.0


class Left(Exception):  # noqa: N818 -- no fault
    """Asked to leave in the middle of a training. Nothing of it is in force."""


def shelf_of(settings: TrainingSettings) -> Shelf:
    """The shelf in the lake's bucket."""
    return Shelf(aws.s3(settings), settings.lake_bucket, settings.aws_region)


def keep_training(settings: TrainingSettings, asked: Shutdown, health: Health) -> None:
    """Trains once, or every so many hours until asked to leave."""
    shelf = shelf_of(settings)
    health.ready()
    while True:
        began_s = time.monotonic()
        try:
            run_once(settings, shelf, asked, health)
        except Left:
            return
        due_s = began_s + settings.train_every_h * _HOUR_S
        while not asked.requested and settings.train_every_h and time.monotonic() < due_s:
            health.beat()
            asked.wait(_WAIT_S)
        if asked.requested or not settings.train_every_h:
            return


def run_once(settings: TrainingSettings, shelf: Shelf, asked: Shutdown, health: Health) -> Done:
    """One training, shelved and published; `Left` if asked to leave before that.

    First people whose erasure is under way are forgotten, and what somebody left untold is told.
    """

    def turn() -> None:
        health.beat()
        if asked.requested:
            raise Left

    forget_erased(settings, shelf)
    tell(settings, shelf)
    plan, bucket = _plan(settings), source.bucket(settings)
    done = train(_lake(settings), shelf, plan, turn, _now_us, barred_by(bucket, plan.dates[0]))
    logger().info(
        "trained", readings=done.readings, people=done.people, judged=done.judged, better=done.better
    )
    tell(settings, shelf)
    if settings.train_report is not None:
        settings.train_report.write_bytes(msgspec.json.encode(done._asdict()))
    return done


def forget_erased(settings: TrainingSettings, shelf: Shelf) -> Forgotten:
    """Writes whoever is being erased out of all models, and tells the processors where there is a Kafka."""
    done = forget(source.bucket(settings), shelf, lambda: tell(settings, shelf), _now_us)
    if done.left:
        logger().warning("erasure_waits_for_publication", objects=done.left)
    return done


def tell(settings: TrainingSettings, shelf: Shelf) -> None:
    """Publishes what is not told yet, where there is a Kafka to tell."""
    if settings.kafka_bootstrap:
        publish(settings, shelf)


def _lake(settings: TrainingSettings) -> history.Lake:
    if settings.train_lake_folder is not None:
        return history.folder(settings.train_lake_folder)
    return history.opened(settings)


def _plan(settings: TrainingSettings) -> Plan:
    until = settings.train_until or _today()
    return Plan(
        dates=tuple(history.dates(until, settings.train_days)),
        held_out=settings.train_held_out_days,
        shard=settings.shard,
        is_held=settings.train_hold,
    )


def _today() -> date:
    return datetime.now(UTC).date()


def _now_us() -> int:
    return time.time_ns() // 1000
