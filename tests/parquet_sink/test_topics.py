"""Topics that grow, that are made anew, and those of anomalies and alarms."""

from pathlib import Path

import pytest

from tests.parquet_sink.own_lake import OwnLake, until
from wardstream.contracts.topics import PARTITIONS

pytestmark = pytest.mark.flow
GOLDEN = Path(__file__).parents[1] / "golden"


def test_partitions_added_while_it_runs_are_kept_as_well(lake: OwnLake) -> None:
    lake.make_bucket().publish(lake.reading(n) for n in range(100))
    lake.sink()
    until(lake.is_committed, "the sink to commit what was there")

    lake.grow_topic(PARTITIONS + 4)
    lake.publish(lake.reading(n) for n in range(100, 400))
    until(lake.is_committed, "the sink to commit the rest")

    assert lake.places() == sorted(lake.in_topic())
    assert any(partition >= PARTITIONS for partition, _ in lake.places())


def test_a_topic_made_anew_is_kept_beside_what_the_old_one_held(lake: OwnLake) -> None:
    lake.make_bucket().publish(lake.reading(n) for n in range(100))
    lake.sink()
    until(lake.is_committed, "the sink to commit what was there")

    # The sink runs on meanwhile, or ends and is started again: as it likes.
    lake.remake_topic()
    lake.publish(lake.reading(n) for n in range(100, 250))
    if lake.sinks[-1].exit_code is None:
        lake.sinks[-1].stop()
    lake.sink("again")
    until(lake.is_committed, "the sink to commit the new topic")

    (counted,) = lake.ask("SELECT count(*) AS all, count(DISTINCT reading_id) AS ids FROM iot_data")
    assert counted == {"all": 250, "ids": 250}


def test_anomalies_and_alarms_have_tables_of_their_own_that_show_each_once(lake: OwnLake) -> None:
    anomalies, alarms = lake.make_topic("anomalies"), lake.make_topic("alarms")
    anomaly, alarm = ((GOLDEN / f"{name}_v1.json").read_bytes() for name in ("anomaly", "alarm"))
    lake.make_bucket().publish([lake.reading(0)])
    lake.publish_bytes([("ann", anomaly), ("ann", anomaly)], anomalies)
    lake.publish_bytes([("ann", alarm), ("ann", b"garbage")], alarms)

    lake.sink(ANOMALIES_TOPIC=anomalies, ALARMS_TOPIC=alarms)
    until(lambda: all(lake.keys(table) for table in ("anomalies", "alarms", "readings")), "three tables")

    (one,) = lake.ask("SELECT vital, rule, value FROM anomalies")
    assert one["rule"] in ("simple_limit", "sensor")
    (step,) = lake.ask("SELECT state, sentence, explanation FROM alarms")
    assert step["sentence"]
    assert str(step["explanation"]).startswith("{")
