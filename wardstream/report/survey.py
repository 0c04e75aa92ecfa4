"""The whole report: ledgers, Kafka, DynamoDB and the lake looked at once, and compared."""

import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from wardstream.contracts import topics
from wardstream.report import kafka, lake, ledger, stores
from wardstream.report.figures import Figures, Kept, Raised, compute
from wardstream.report.settings import ReportSettings
from wardstream.runtime import aws

# (group, topic) of everything that has to be through before an end-to-end comparison is fair.
_STAGES = (
    (topics.PROCESSOR_GROUP, topics.READINGS),
    (topics.SINK_GROUP, topics.READINGS),
    (topics.STORE_GROUP, topics.ANOMALIES),
    (topics.STORE_GROUP, topics.ALARMS),
)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The figures, how many devices spoke, and the alarms in the order they were raised."""

    figures: Figures
    devices: int
    raised: list[Raised]


def survey(settings: ReportSettings, ledgers: Sequence[Path]) -> Report:
    """Looks at everything and compares; judges what was sent more than two flush intervals ago.

    The pipeline may be running: the horizon is set first, and the ledgers are read last, so that nothing found further
    down is missing from them.
    """
    horizon_us = int((time.time() - 2 * settings.flush_interval_s) * 1e6)
    carried = kafka.survey(settings)
    kept = Kept(lake=lake.rows_per_reading(settings), alarms=stores.alarm_ids(aws.dynamodb(settings)))
    claimed = ledger.read(ledgers)
    return Report(
        figures=compute(claimed.claims, carried, kept, horizon_us, claimed.seconds),
        devices=len(claimed.devices),
        raised=sorted(carried.raised.values(), key=lambda alarm: alarm.recorded_at_us),
    )


def backlog(settings: ReportSettings) -> int:
    """How many records the slowest stage has still to do."""
    return max(backlogs(settings).values())


def backlogs(settings: ReportSettings) -> dict[str, int]:
    """How many records each stage has still to do, by its group and topic."""
    return {f"{group} of {topic.name}": kafka.lag(settings, group, topic) for group, topic in _STAGES}
