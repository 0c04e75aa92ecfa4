"""Bringing back what lies in cold storage: asks S3 for a copy of each object, and watches until all can be read.

S3 itself remembers what was asked: whoever is interrupted runs it again and goes on where it was.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Literal, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from wardstream.lake.objects import Bucket, Stored, listed
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.s3_faults import code

# Bulk is cheaper and may take two days; Expedited doesn't exist for Deep Archive.
_TIER: Literal["Standard"] = "Standard"
_THREADS = 16
# The copy's life can be made longer while it lives, never shorter.
_LONGEST_SPAN_DAYS = 20 * 366
_THERE_ALREADY = {"RestoreAlreadyInProgress"}
# Meanwhile moved out of cold storage: an erasure or a compaction wrote it anew.
_NOT_COLD = {"InvalidObjectState"}


class Standing(NamedTuple):
    """How far it is: objects to be asked for, on their way, restored, and those that were never cold."""

    cold: list[Stored]
    on_the_way: list[Stored]
    restored: list[Stored]
    hot: list[Stored]

    @property
    def is_readable(self) -> bool:
        """Whether a question reads all of it."""
        return not self.cold and not self.on_the_way


def folders(tables: Iterable[str], first: date, last: date) -> list[str]:
    """The prefixes of every date from `first` to `last`. `CannotRun` if that isn't a span."""
    days = (last - first).days + 1
    if not 0 < days <= _LONGEST_SPAN_DAYS:
        raise CannotRun(f"no dates from {first} to {last}")
    return [f"{table}/date={first + timedelta(days=n)}/" for table in tables for n in range(days)]


def standing(objects: Iterable[Stored]) -> Standing:
    """Each object by what has to be done for it."""
    found = Standing([], [], [], [])
    for one in objects:
        if not one.is_archived:
            found.hot.append(one)
        elif one.is_restoring:
            found.on_the_way.append(one)
        elif one.is_cold:
            found.cold.append(one)
        else:
            found.restored.append(one)
    return found


def ask(bucket: Bucket, cold: Iterable[Stored], days: int) -> None:
    """Asks for a copy of each, readable for `days` once it is there. Asking again is harmless."""
    with ThreadPoolExecutor(_THREADS) as threads:
        for asked in [threads.submit(_ask_one, bucket, one, days) for one in cold]:
            asked.result()


def _ask_one(bucket: Bucket, one: Stored, days: int) -> None:
    try:
        bucket.client.restore_object(
            Bucket=bucket.name,
            Key=one.key,
            RestoreRequest={"Days": days, "GlacierJobParameters": {"Tier": _TIER}},
        )
    except ClientError as error:
        if code(error) in _NOT_COLD | _THERE_ALREADY:
            return
        if code(error) in {"NotImplemented", "MethodNotAllowed"}:
            raise CannotRun("this S3 can't restore objects from cold storage") from error
        raise bucket.fault(error) from error
    except BotoCoreError as error:
        raise bucket.fault(error) from error


def restore(
    bucket: Bucket,
    prefixes: list[str],
    days: int,
    poll_s: float,
    *,
    told: Callable[[Standing], object],
    wait: Callable[[float], object] = time.sleep,
) -> Standing:
    """Asks for every cold object below `prefixes` and returns when all can be read; `told` hears each look at them."""
    now = standing(listed(bucket, prefixes))
    while True:
        told(now)
        if now.is_readable:
            return now
        ask(bucket, now.cold, days)
        wait(poll_s)
        now = standing(listed(bucket, prefixes))
