"""Alarms from raising to clearing on the real servers, with people at the command line and a clock between them."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.groups import skip_what_is_there
from tests.scoring.made import reading
from tests.stream_processor.people import new_person
from tests.stream_processor.processing import Group, group
from tests.stream_processor.proof import wait_until_applied
from tests.stream_processor.topics import Heard, listening, write_readings
from wardstream.cli import app
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.partitions import partition_of
from wardstream.contracts.reading import Reading
from wardstream.contracts.topics import ALARMS, ANOMALIES, PARTITIONS
from wardstream.desk.alarms import Asked, Row, alarms
from wardstream.local.addresses import Addresses
from wardstream.local.services import service, start_ready
from wardstream.runtime import aws
from wardstream.runtime.kafka import KafkaSettings

pytestmark = pytest.mark.flow
_TIMEOUT_S = 90.0
_SILENCE_S = 15
# Everybody speaks four times a second, so that a time of silence as short as this one means something.
_EVERY_S = 0.25
_NO_TICK_YET = {"TICK_S": "60", "SILENCE_AFTER_S": str(_SILENCE_S)}
_QUICK = {
    "TICK_S": "0.5",
    "SETTLE_S": "0",
    "SILENCE_AFTER_S": str(_SILENCE_S),
    "REMIND_HIGH_S": "1",
    "MOST_REMINDERS": "2",
}


def _now_s() -> float:
    """Seconds of `made`'s time."""
    return time.time() - 1_760_000_000


def _spoken(user: str, from_s: float, to_s: float) -> list[Reading]:
    """All of it well."""
    count = int((to_s - from_s) / _EVERY_S)
    return [reading(from_s + n * _EVERY_S, user=user, heart_rate_bpm=70 + n % 3) for n in range(count)]


def _neighbours(count: int) -> list[str]:
    """People of one partition."""
    found: dict[int, list[str]] = {}
    while True:
        user = new_person()
        there = found.setdefault(partition_of(user.encode(), PARTITIONS), [])
        there.append(user)
        if len(there) == count:
            return there


def _silences(heard: Heard, user: str) -> list[Alarm]:
    return [each for each in heard.alarms if each.kind == "silence" and each.user_id == user]


def _backlog(waiting: str, busy: list[str], began_s: float, now_s: float) -> list[Reading]:
    """A long queue in which `waiting` comes last."""
    others = [
        reading(began_s + n / 1000, user=busy[n % len(busy)], heart_rate_bpm=70 + n % 3)
        for n in range(20_000)
    ]
    return [*others, *_spoken(waiting, began_s, now_s)]


def test_silence_is_told_of_who_stopped_and_not_of_who_is_still_in_the_queue(
    servers: Addresses, tmp_path: Path
) -> None:
    stopped, waiting, *busy = _neighbours(6)

    with group(servers, tmp_path) as workers, listening(servers, {stopped, waiting}) as heard:
        away_since_s = _now_s() - 2 * _SILENCE_S
        _until_away(servers, workers, [stopped, waiting], away_since_s)
        back_s = _now_s()
        write_readings(servers, _backlog(waiting, busy, away_since_s, back_s))
        workers.start(_QUICK)
        heard.until(lambda said: bool(_silences(said, stopped)))
        early = _silences(heard, waiting)
        # And now this device has stopped, too.
        heard.until(lambda said: bool(_silences(said, waiting)))
        write_readings(servers, _spoken(stopped, _now_s(), _now_s() + _EVERY_S))
        heard.until(lambda said: len(_silences(said, stopped)) == 2)

    assert early == [] or early[0].at_us >= round((back_s + _SILENCE_S - _EVERY_S) * 1e6)
    (told,) = _silences(heard, waiting)
    assert told.at_us >= told.raised_at_us + _SILENCE_S * 1_000_000
    assert [(each.state, each.revision) for each in _silences(heard, stopped)] == [
        ("active", 1),
        ("cleared", 2),
    ]


def _until_away(servers: Addresses, workers: Group, users: list[str], away_since_s: float) -> None:
    """Everybody spoke for a while; then the processor is stopped, with all of that in its state."""
    first = workers.start(_NO_TICK_YET)
    for user in users:
        write_readings(servers, _spoken(user, away_since_s - 30, away_since_s))
    wait_until_applied(servers, workers.name)
    assert first.stop() == 0


@pytest.fixture
def at_the_desk(servers: Addresses, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """`wardstream` with arguments; what it prints."""
    for name, value in servers.environment().items():
        monkeypatch.setenv(name, value)

    def said(*arguments: str) -> str:
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
        return done.output

    return said


class Table:
    """One person's alarms in DynamoDB."""

    def __init__(self, servers: Addresses, user: str) -> None:
        self._client = aws.dynamodb(
            aws.AwsSettings(aws_endpoint_url_dynamodb=servers.dynamodb_endpoint, aws_region=servers.region)
        )
        self._user = user

    def until(self, enough: Callable[[Row], bool]) -> Row:
        """The person's only alarm, once that is true of it."""
        deadline = time.monotonic() + _TIMEOUT_S
        while True:
            rows = alarms(self._client, Asked(self._user, "all"))
            if rows and enough(rows[0]):
                assert len(rows) == 1
                return rows[0]
            assert time.monotonic() < deadline, f"the table holds {[row.state for row in rows]}"
            time.sleep(0.1)


def test_an_alarm_is_raised_said_again_acknowledged_at_the_command_line_and_clears(
    servers: Addresses, tmp_path: Path, at_the_desk: Callable[..., str]
) -> None:
    user = new_person()
    table = Table(servers, user)
    store_group = f"store-{user}"
    # Others' anomalies and alarms are many by now, and DynamoDB Local takes some hundred writes a second.
    skip_what_is_there(
        KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap), store_group, (ANOMALIES.name, ALARMS.name)
    )
    store = start_ready(service("alarm_store", servers, tmp_path, settings={"STORE_GROUP": store_group}))
    try:
        with group(servers, tmp_path) as workers:
            worker = workers.start(_QUICK | {"SILENCE_AFTER_S": "0"})
            began_s = _now_s()
            write_readings(servers, [reading(began_s, user=user, heart_rate_bpm=190)])
            reminded = table.until(lambda row: row.reminder == 2)
            listed = at_the_desk("alarms", "--user", user)
            told = at_the_desk("ack", reminded.alarm_id, "--by", "nurse-1")
            seen = table.until(lambda row: row.state == "acknowledged")
            write_readings(
                servers,
                [
                    reading(began_s + 10 * n, received_second=_now_s(), user=user, heart_rate_bpm=80)
                    for n in range(1, 6)
                ],
            )
            cleared = table.until(lambda row: row.state == "cleared")
            at_the_desk("window", user, "--for", "10m", "--by", "nurse-1", "--clinical")
            at_the_desk("snooze", user, "heart_rate_bpm", "low", "--for", "30m", "--by", "nurse-1")
            at_the_desk("limits", user, "--by", "dr-2", "--clinical", "heart_rate_bpm=45:150")
            wait_until_applied(servers, workers.name)
            done = {
                what: worker.metric(f'wardstream_processor_actions_total{{action="{what}",result="done"}}')
                for what in ("acknowledge", "window", "snooze")
            }
            limits = worker.metric("wardstream_processor_limits_total")
    finally:
        store.stop()

    assert (reminded.state, reminded.priority) == ("active", "high")
    assert f"{reminded.alarm_id}  " in listed
    assert "high clinical, active, said 3 times: Heart rate 190 bpm" in listed
    assert "nurse-1" in told
    assert (seen.acknowledged_by, cleared.acknowledged_by) == ("nurse-1", "nurse-1")
    assert at_the_desk("alarms", "--user", user) == ""
    assert "cleared by nurse-1" in at_the_desk("alarms", "--user", user, "--state", "all")
    assert done == {"acknowledge": 1, "window": 1, "snooze": 1}
    assert limits == 1
