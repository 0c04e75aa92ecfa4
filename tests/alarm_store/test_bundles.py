"""What goes to DynamoDB in one request: inserts of different keys, and as many as it takes."""

import msgspec

from alarm_store.batch import Partition, Record
from alarm_store.hands import Task, bundles
from alarm_store.items import of_alarm, of_anomaly
from alarm_store.store import MOST_AT_ONCE, key
from tests.alarm_store.test_items import ALARM, ANOMALY


def anomaly(number: int) -> Task:
    said = msgspec.structs.replace(ANOMALY, measured_at_us=ANOMALY.measured_at_us + number)
    return Task(Record(Partition("anomalies", 0), number, b""), of_anomaly(said, 400))


def alarm(number: int) -> Task:
    return Task(Record(Partition("alarms", 0), number, b""), of_alarm(ALARM))


def test_inserts_go_together_up_to_what_a_request_takes() -> None:
    tasks = [anomaly(number) for number in range(2 * MOST_AT_ONCE + 1)]

    found = bundles(tasks)

    assert [len(bundle) for bundle in found] == [MOST_AT_ONCE, MOST_AT_ONCE, 1]
    assert [task for bundle in found for task in bundle] == tasks


def test_an_alarm_stands_alone_because_the_highest_revision_must_win() -> None:
    tasks = [alarm(1), anomaly(1), alarm(2), anomaly(2)]

    assert bundles(tasks) == [[tasks[0]], [tasks[2]], [tasks[1], tasks[3]]]


def test_the_same_key_twice_is_never_in_one_request() -> None:
    tasks = [anomaly(1), anomaly(2), anomaly(1), anomaly(1)]

    found = bundles(tasks)

    assert all(len({key(task.item) for task in bundle}) == len(bundle) for bundle in found)
    assert sum(map(len, found)) == len(tasks)


def test_nothing_is_nothing() -> None:
    assert bundles([]) == []
