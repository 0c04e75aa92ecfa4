"""A short, seeded run of the matrix; and the matrix finds what is broken on purpose."""

import signal
from functools import partial
from pathlib import Path

import pytest

from tests.faults import matrix, rows
from tests.faults.pipeline import Pipeline, running
from tests.faults.rows import Row
from wardstream.contracts.topics import READINGS, SINK_GROUP
from wardstream.report import kafka
from wardstream.runtime.kafka import KafkaSettings

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]
SEED = 8


def test_kills_and_an_outage_lose_double_and_falsify_nothing(tmp_path: Path) -> None:
    both = [
        Row("bridge killed", "2 SIGKILLs", partial(rows._signals, "mqtt_bridge", signal.SIGKILL, 2)),
        Row("MQTT broker kill -9", "1", partial(rows._server_killed, "mosquitto"), broker_forgot=True),
    ]

    with running(tmp_path) as pipeline:
        results = list(matrix.run(pipeline, both, SEED))

    print(*map(matrix.line, results), sep="\n")
    assert all(result.verdict.holds and result.verdict.readings > 50 for result in results), results


def test_a_bridge_that_acknowledges_early_and_a_sink_that_commits_early_are_caught(tmp_path: Path) -> None:
    def killed_without_kafka(pipeline: Pipeline, _chance: object, _fleet: object) -> None:
        for module in ("mqtt_bridge", "parquet_sink"):
            pipeline.doors[module, "kafka"].cut()
            pipeline.wait(2)
            pipeline.signal(module, signal.SIGKILL)
            pipeline.doors[module, "kafka"].heal()

    def killed_once_committed(pipeline: Pipeline, _chance: object, _fleet: object) -> None:
        # At a random moment it would be hit between commit and PUT only by luck.
        settings = KafkaSettings(kafka_bootstrap=pipeline.addresses.kafka_bootstrap)
        before = kafka._committed(settings, SINK_GROUP, READINGS)
        pipeline.until(lambda: kafka._committed(settings, SINK_GROUP, READINGS) != before, "a commit")
        pipeline.signal("parquet_sink", signal.SIGKILL)

    early = {"mqtt_bridge": "early PUBACK"}
    with running(tmp_path / "bridge", early) as pipeline:
        (bridge,) = matrix.run(pipeline, [Row("early PUBACK", "1 SIGKILL", killed_without_kafka)], SEED)
    assert bridge.verdict.lost > 0

    early = {"parquet_sink": "commit before PUT"}
    with running(tmp_path / "sink", early) as pipeline:
        (sink,) = matrix.run(pipeline, [Row("commit before PUT", "1 SIGKILL", killed_once_committed)], SEED)
    assert sink.verdict.lost > 0
