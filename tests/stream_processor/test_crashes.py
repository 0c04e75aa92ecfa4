"""Kills, leaves and joins: nothing is lost, and what is said twice has the same id."""

import json
import time
from pathlib import Path

import pytest

from tests.scoring.made import reading
from tests.stream_processor.people import expected, new_person, ward
from tests.stream_processor.processing import group
from tests.stream_processor.topics import Record, listening, write, write_readings
from wardstream.contracts.reading import Reading
from wardstream.local.addresses import Addresses

pytestmark = pytest.mark.flow
USERS = 24


def _slices(readings: list[Reading], count: int) -> list[list[Reading]]:
    size = -(-len(readings) // count)
    return [readings[start : start + size] for start in range(0, len(readings), size)]


def test_an_alarm_raised_before_a_restart_is_cleared_after_it(servers: Addresses, tmp_path: Path) -> None:
    user = new_person()
    racing = [reading(n * 10, user=user, heart_rate_bpm=140) for n in range(5)]
    calm = [reading(60 + n * 10, user=user, heart_rate_bpm=80) for n in range(5)]

    with group(servers, tmp_path) as workers, listening(servers, {user}) as heard:
        first = workers.start()
        write_readings(servers, racing)
        heard.until(lambda said: len(said.alarms) == 1)
        began = time.monotonic()
        code = first.stop()
        took_s = time.monotonic() - began
        second = workers.start()
        write_readings(servers, calm)
        heard.until(lambda said: len(said.alarms) == 2)
        repeated = second.metric("wardstream_processor_repeated_total")

    assert code == 0
    assert took_s < 10
    assert [alarm.state for alarm in heard.alarms] == ["active", "cleared"]
    assert heard.alarms[0].alarm_id == heard.alarms[1].alarm_id
    assert repeated == 0
    assert json.loads(first.log.splitlines()[-1])["event"] == "left"


def test_a_worker_that_is_asked_to_leave_while_it_starts_leaves(servers: Addresses, tmp_path: Path) -> None:
    with group(servers, tmp_path) as workers:
        at_once = workers.start_unready()
        code_at_once = at_once.stop()
        starting = workers.start_unready()
        starting.until_said("health_listening")
        code_in_between = starting.stop()

    assert (code_at_once, code_in_between) == (0, 0), starting.log


def test_kills_lose_no_alarm_and_no_anomaly(servers: Addresses, tmp_path: Path) -> None:
    users = [new_person() for _ in range(USERS)]
    readings = ward(users, rounds=100, seed=2)
    wanted = expected(readings)

    with group(servers, tmp_path) as workers, listening(servers, set(users)) as heard:
        for number, part in enumerate(_slices(readings, 3)):
            worker = workers.start()
            said_before = len(heard.anomalies)
            write_readings(servers, part)
            if number < 2:
                # In the middle of the work: some is said, most is not committed.
                heard.until(lambda said, before=said_before: len(said.anomalies) > before + 50)  # type: ignore[misc]  # bound per round
                worker.kill()
        heard.until(lambda said: said.steps >= wanted.alarms.keys())
        heard.until(lambda said: said.anomaly_ids >= wanted.anomaly_ids)

    assert len(wanted.alarms) > 50
    assert heard.steps == wanted.alarms.keys()
    assert heard.anomaly_ids == wanted.anomaly_ids
    assert all(wanted.alarms[alarm.alarm_id, alarm.revision] == alarm for alarm in heard.alarms)


def test_workers_that_come_and_go_share_the_work_and_lose_nothing(servers: Addresses, tmp_path: Path) -> None:
    users = [new_person() for _ in range(USERS)]
    readings = ward(users, rounds=100, seed=3)
    wanted = expected(readings)
    parts = _slices(readings, 3)

    with group(servers, tmp_path) as workers, listening(servers, set(users)) as heard:
        first = workers.start()
        write_readings(servers, parts[0])
        second = workers.start()
        write_readings(servers, parts[1])
        heard.until(lambda said: len(said.anomalies) > 0.5 * len(wanted.anomaly_ids))
        scored_by_second = second.metric("wardstream_processor_scored_total")
        left = first.stop()
        write_readings(servers, parts[2])
        heard.until(lambda said: said.steps >= wanted.alarms.keys())
        heard.until(lambda said: said.anomaly_ids >= wanted.anomaly_ids)

    assert left == 0
    assert scored_by_second > 0
    assert heard.steps == wanted.alarms.keys()
    assert heard.anomaly_ids == wanted.anomaly_ids
    assert all(wanted.alarms[alarm.alarm_id, alarm.revision] == alarm for alarm in heard.alarms)


def test_a_killed_workers_people_are_taken_over_by_the_other(servers: Addresses, tmp_path: Path) -> None:
    users = [new_person() for _ in range(USERS)]
    before = [reading(0, user=user, heart_rate_bpm=110) for user in users]
    after = [reading(10, user=user, heart_rate_bpm=110) for user in users]

    with group(servers, tmp_path) as workers, listening(servers, set(users)) as heard:
        killed, other = workers.start(), workers.start()
        write_readings(servers, before)
        heard.until(lambda said: said.anomaly_ids >= expected(before).anomaly_ids)
        scored_by_killed = killed.metric("wardstream_processor_scored_total")
        killed.kill()
        write_readings(servers, after)
        heard.until(lambda said: said.anomaly_ids >= expected(before + after).anomaly_ids)
        scored_by_other = other.metric("wardstream_processor_scored_total")

    assert 0 < scored_by_killed < USERS
    assert scored_by_other == 2 * USERS - scored_by_killed
    assert len(heard.anomalies) == len(heard.anomaly_ids)


def test_a_state_row_that_cannot_be_read_stops_the_worker_and_says_so(
    servers: Addresses, tmp_path: Path
) -> None:
    user = new_person()

    with group(servers, tmp_path) as workers, listening(servers, {user}) as heard:
        workers.start().stop()
        write(servers, [Record(f"{workers.name}-state", user, b"\xc1")])
        write_readings(servers, [reading(0, user=user, heart_rate_bpm=25)])
        worker = workers.start_unready()
        code = worker.wait()

    assert code == 1
    assert "stream_processor: a row of the state topic can't be read" in worker.log
    assert heard.alarms == []
