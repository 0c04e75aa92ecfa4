"""The store on real servers: every anomaly once, every alarm as its last revision left it, whatever is repeated."""

import random
import signal
import time
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from alarm_store.items import of_alarm, of_anomaly
from tests.alarm_store.own_store import TTL_DAYS, OwnStore, until
from wardstream.contracts import wire
from wardstream.local import dynamodb
from wardstream.local.children import Child
from wardstream.local.ports import free_ports

pytestmark = [pytest.mark.flow, pytest.mark.timeout(400)]


def test_items_are_in_the_tables_as_specified(own: OwnStore) -> None:
    anomaly, alarm = own.anomaly(1), own.alarm(1, revision=1)
    own.publish([anomaly, alarm])

    own.store()
    until(lambda: own.committed() == 2, "the store to commit both")

    assert own.anomalies() == [dict(of_anomaly(anomaly, TTL_DAYS).attributes)]
    assert own.alarms() == [dict(of_alarm(alarm).attributes)]


def test_a_replay_of_everything_changes_nothing(own: OwnStore) -> None:
    messages = [own.anomaly(n) for n in range(300)] + [own.alarm(n, n % 3 + 1) for n in range(30)]
    own.publish(messages)
    own.store()
    until(lambda: own.committed() == 330, "the store to commit everything")
    before = own.anomalies(), own.alarms()

    own.store("again", group="again")
    until(lambda: own.committed("again") == 330, "the replay to commit everything")

    assert (own.anomalies(), own.alarms()) == before
    assert [len(items) for items in before] == [300, 30]


def test_of_revisions_in_any_order_and_repeated_the_highest_stays(own: OwnStore) -> None:
    steps = [own.alarm(n, revision) for n in range(5) for revision in (1, 2, 3)] * 2
    random.Random(5).shuffle(steps)
    own.publish(steps)

    own.store()
    until(lambda: own.committed() == 30, "the store to commit everything")

    assert [item["revision"] for item in own.alarms()] == [Decimal(3)] * 5
    assert {item["state"] for item in own.alarms()} == {"cleared"}


def test_killed_while_it_writes_it_loses_nothing(own: OwnStore) -> None:
    own.publish(own.anomaly(n) for n in range(600))
    store = own.store()
    until(lambda: len(own.anomalies()) > 0, "the first writes")
    store.send(signal.SIGKILL)

    own.store("next")
    until(lambda: own.committed() == 600, "the next store to commit everything")

    assert len(own.anomalies()) == 600


def test_a_malformed_record_is_set_aside_and_the_partition_goes_on(own: OwnStore) -> None:
    unholdable = wire.encode(msgspec.structs.replace(own.anomaly(1), device_id=""))
    nested = {f"x{n}": 1.0 for n in range(60_000)}
    why = msgspec.structs.replace(own.alarm(1, 1).explanation, evidence=nested)
    too_large = wire.encode(msgspec.structs.replace(own.alarm(1, 1), explanation=why))
    own.publish_bytes(
        [
            ("ANOMALIES_TOPIC", b"garbage"),
            ("ANOMALIES_TOPIC", unholdable),
            ("ANOMALIES_TOPIC", wire.encode(own.anomaly(2))),
            ("ALARMS_TOPIC", b"{}"),
            ("ALARMS_TOPIC", too_large),
            ("ALARMS_TOPIC", wire.encode(own.alarm(2, 1))),
        ]
    )

    own.store()
    until(lambda: own.committed() == 6, "the store to commit everything")

    assert (len(own.anomalies()), len(own.alarms())) == (1, 1)
    assert sorted((one.topic.split("-")[0], one.payload_bytes) for one in own.rejected()) == sorted(
        [("anomalies", 7), ("anomalies", len(unholdable)), ("alarms", 2), ("alarms", len(too_large))]
    )


def test_one_that_dynamodb_cannot_hold_does_not_keep_those_out_that_came_with_it(own: OwnStore) -> None:
    too_large = msgspec.structs.replace(own.anomaly(30), reading_id="x" * 500_000)
    twice = own.anomaly(3)
    own.publish([*(own.anomaly(n) for n in range(20)), too_large, twice, twice])

    own.store()
    until(lambda: own.committed() == 23, "the store to commit everything")

    assert len(own.anomalies()) == 20
    assert [one.reason for one in own.rejected()] == ["format"]


def test_asked_to_leave_it_commits_what_it_wrote_and_ends_well_within_ten_seconds(own: OwnStore) -> None:
    own.publish(own.anomaly(n) for n in range(2000))
    store = own.store()
    until(lambda: len(own.anomalies()) > 0, "the first writes")

    asked_s = time.monotonic()
    code = store.stop()

    assert code == 0
    assert time.monotonic() - asked_s < 10
    assert own.committed() == len(own.anomalies())


def test_with_dynamodb_away_it_waits_commits_nothing_and_leaves_in_time(own: OwnStore) -> None:
    (nobody,) = free_ports(1)
    own.publish([own.anomaly(1)])
    away = msgspec.structs.replace(own.servers, dynamodb_endpoint=f"http://127.0.0.1:{nobody}")
    store = own.unready_store(away)
    until(lambda: store.command.log.read_text().count("store_busy") > 1, "the store to notice")

    asked_s = time.monotonic()
    code = store.stop()

    assert code == 0
    assert time.monotonic() - asked_s < 10
    assert own.committed("alarm_store") == 0


def test_a_missing_table_is_one_sentence(own: OwnStore, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    empty = Child(dynamodb.server(tmp_path / "dynamodb", tmp_path, port).command)
    try:
        empty.wait_until(lambda: dynamodb.answers(port), 60)
        store = own.unready_store(
            msgspec.structs.replace(own.servers, dynamodb_endpoint=f"http://127.0.0.1:{port}")
        )
        until(lambda: store.exit_code is not None, "the store to end")
    finally:
        empty.stop()

    assert store.exit_code == 1
    said = store.command.log.read_text()
    assert said.splitlines()[-1] == (
        "alarm_store: DynamoDB has no table BSM_anamoly: create it with `wardstream provision`"
    )
    assert "Traceback" not in said
