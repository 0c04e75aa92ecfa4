"""One row after the other on one pipeline: devices speak, the fault is done and healed, everything settles, the oracle judges."""

import os
import time
from collections.abc import Iterable, Iterator
from random import Random
from typing import NamedTuple

from tests.faults.fleet import Fleet
from tests.faults.judge import Verdict, judge
from tests.faults.pipeline import FLUSH_INTERVAL_S, Pipeline
from tests.faults.rows import Row
from tests.groups import patiently
from wardstream.contracts.topics import PROCESSOR_GROUP, READINGS, SINK_GROUP
from wardstream.report import kafka, ledger, survey
from wardstream.report.settings import ReportSettings

_FEWEST = 200
_SETTLED_WITHIN_S = 240.0
_LOOK_S = 0.5


class Result(NamedTuple):
    """A row of the table. `recovered_s`: from healing until what was said before it is through, or None: it never was."""

    row: Row
    verdict: Verdict
    recovered_s: float


def run(pipeline: Pipeline, rows: Iterable[Row], seed: int) -> Iterator[Result]:
    """The results, one by one."""
    os.environ.update(pipeline.addresses.environment())
    settings = ReportSettings(flush_interval_s=FLUSH_INTERVAL_S)
    for number, row in enumerate(rows):
        yield _one(pipeline, settings, row, f"f{number}-", Random(f"{seed}/{row.name}"))


def _one(pipeline: Pipeline, settings: ReportSettings, row: Row, prefix: str, chance: Random) -> Result:
    fleet = Fleet(pipeline, prefix, row.devices, seed=chance.randrange(10**6), episodes=row.episodes)
    pipeline.until(lambda: fleet.said > _FEWEST, "the devices to speak")
    row.inject(pipeline, chance, fleet)
    healed_s = time.monotonic()
    # A Kafka that has just started again may not know its partitions' leaders yet.
    ends = patiently(lambda: {place: high for place, (_, high) in kafka._bounds(settings, READINGS).items()})
    groups = (PROCESSOR_GROUP, SINK_GROUP)
    pipeline.until(pipeline.is_ready, f"the services after {row.name}")
    pipeline.until(
        lambda: all(_is_through(settings, group, ends) for group in groups), "what was said before"
    )
    recovered_s = time.monotonic() - healed_s
    fleet.stop()
    _settle(pipeline, settings)
    claims = ledger.read(fleet.ledgers).claims
    verdict = judge(settings, claims, prefix, broker_forgot=row.broker_forgot)
    return Result(row, verdict, recovered_s)


def _is_through(settings: ReportSettings, group: str, ends: dict[int, int]) -> bool:
    time.sleep(_LOOK_S)
    committed = kafka._committed(settings, group, READINGS)
    return all(committed[place] >= end for place, end in ends.items())


def _settle(pipeline: Pipeline, settings: ReportSettings) -> None:
    def is_quiet() -> bool:
        time.sleep(_LOOK_S)
        return survey.backlog(settings) == 0

    # The bridge may still hold something: quiet twice, a flush apart.
    pipeline.until(is_quiet, "all to settle", _SETTLED_WITHIN_S)
    pipeline.wait(FLUSH_INTERVAL_S)
    pipeline.until(is_quiet, "all to settle", _SETTLED_WITHIN_S)


HEAD = f"{'fault':<34} {'injected':<36} {'readings':>8} {'lost':>5} {'dupl.':>5} {'wrong':>5} {'s to recover':>12}"


def line(result: Result) -> str:
    """A line of the table."""
    row, verdict = result.row, result.verdict
    return (
        f"{row.name:<34} {row.injected:<36} {verdict.readings:>8} {verdict.lost:>5} {verdict.duplicated:>5} "
        f"{verdict.wrong:>5} {result.recovered_s:>12.1f}"
    )
