"""`python -m parquet_sink.compact`: merges the lake's small files, pass after pass, until asked to leave.

With `--date YYYY-MM-DD` one pass over that date, whatever it costs, then it ends. The files it replaces are removed by a later pass, when the
grace is over (`COMPACT_GRACE_S`).
"""

import argparse
import errno
import functools
import sys
from datetime import date
from pathlib import Path

from pydantic import Field

from parquet_sink.compactor import Compactor, Stopped
from parquet_sink.store import Store
from wardstream.contracts.tables import LAKE_TABLES
from wardstream.runtime import aws, service
from wardstream.runtime.aws import AwsSettings
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.health import Health
from wardstream.runtime.logs import logger
from wardstream.runtime.s3_faults import Busy
from wardstream.runtime.shutdown import Shutdown

_BUSY_S = 30.0
_BEAT_S = 5.0


class CompactSettings(AwsSettings):
    """Where the lake is, how often to look, and how long merged files stay."""

    lake_bucket: str = Field("wardstream-lake", min_length=3, description="the lake's bucket")
    compact_interval_s: float = Field(3600, gt=0, le=86_400, description="from one pass to the next, s")
    compact_grace_s: float = Field(
        1800,
        ge=0,
        description="how long merged files stay for questions under way, s; under 1800 a sink that hung as long may repeat rows",
    )
    compact_scratch: Path | None = Field(
        None,
        description="where a large date is sorted: room for twice its files; unset: the temporary folder",
    )


def keep(only: date | None, settings: CompactSettings, asked: Shutdown, health: Health) -> None:
    """Passes until asked to leave, or one over a date."""
    store = Store(aws.s3(settings), settings.lake_bucket, settings.aws_region)

    def turn() -> None:
        health.beat()
        if asked.requested:
            raise Stopped

    compactor = Compactor(store, settings.compact_grace_s, settings.compact_scratch, turn)
    try:
        if only is not None:
            health.ready()
            _once(store, compactor, only)
            return
        while not asked.requested:
            pause_s = settings.compact_interval_s if _passed(store, compactor, health) else _BUSY_S
            _rest(pause_s, asked, health)
    except Stopped:
        return


def _once(store: Store, compactor: Compactor, only: date | None) -> None:
    try:
        store.check()
        for table in LAKE_TABLES:
            compactor.run(table, only)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise CannotRun(
                "no room for merging: make room where COMPACT_SCRATCH points, or point it elsewhere"
            ) from error
        raise
    except Busy as busy:
        if only is None:
            raise
        raise CannotRun(f"S3 is busy ({busy}): run it again; nothing is lost or doubled") from busy


def _passed(store: Store, compactor: Compactor, health: Health) -> bool:
    try:
        _once(store, compactor, None)
    except Busy as busy:
        health.not_ready("S3")
        logger().warning("store_busy", answer=str(busy))
        return False
    health.ready()
    return True


def _rest(pause_s: float, asked: Shutdown, health: Health) -> None:
    left_s = pause_s
    while left_s > 0 and not asked.wait(min(left_s, _BEAT_S)):
        health.beat()
        left_s -= _BEAT_S


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m parquet_sink.compact", description=__doc__)
    parser.add_argument("--date", type=date.fromisoformat, help="one pass over this date alone")
    only = parser.parse_args().date
    sys.exit(service.serve("parquet_sink.compact", CompactSettings, functools.partial(keep, only)))
