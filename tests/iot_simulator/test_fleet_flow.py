"""Whole runs against a real broker."""

import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import msgspec
import pytest

from mqtt_bridge.translate import translate
from tests.iot_simulator.broker import listening, running, until
from tests.iot_simulator.making import a_message
from tests.iot_simulator.simulator import simulating
from wardstream.contracts.ledger import Episode
from wardstream.contracts.reading import Reading
from wardstream.local.ports import LOOPBACK, free_ports

pytestmark = pytest.mark.flow


def ids_of(heard: list[tuple[str, bytes]]) -> Counter[str]:
    """How often each message arrived, by the id it must have in the ledger."""
    found: Counter[str] = Counter()
    for topic, payload in heard:
        result = translate(topic, payload, a_message().send_at_us * 2, {})
        found[result.reading_id if isinstance(result, Reading) else result.payload_sha256] += 1
    return found


def test_all_that_is_published_is_acknowledged_and_arrives_as_the_ledger_says(tmp_path: Path) -> None:
    wanted = ("--devices", "30", "--duration", "4", "--profile", "mix", "--interval", "0.5")
    trouble = ("--episodes", "600", "--episode-seconds", "1", "--truth", str(tmp_path / "truth.jsonl"))

    with (
        running(tmp_path / "broker") as broker,
        listening(broker.port, "iot/device/+") as listener,
        simulating(tmp_path, "--port", str(broker.port), *wanted, *trouble) as simulator,
    ):
        code = simulator.wait()
        until(lambda: len(listener.heard) >= len(simulator.sent()))

    sent = simulator.sent()
    summary = simulator.summary()
    assert code == 0
    assert summary.published == summary.acknowledged == len(sent) > 100
    assert (summary.unacknowledged, summary.queued, summary.refused) == (0, 0, 0)
    assert all(line.acknowledged_at_us is not None for line in sent)
    assert ids_of(listener.heard) == Counter(line.id for line in sent)
    truth = [
        msgspec.json.decode(line, type=Episode)
        for line in (tmp_path / "truth.jsonl").read_bytes().splitlines()
    ]
    assert len({episode.kind for episode in truth}) > 5


def test_gateways_carry_many_devices_and_only_the_broker_is_told_they_are_online(tmp_path: Path) -> None:
    with (
        running(tmp_path / "broker") as broker,
        listening(broker.port, "iot/#") as listener,
        simulating(
            tmp_path, "--port", str(broker.port), "--devices", "40", "--connections", "4", "--duration", "2"
        ) as simulator,
    ):
        code = simulator.wait()
        until(lambda: len(listener.heard) >= len(simulator.sent()) + 8)

    statuses = {topic for topic, _payload in listener.heard if topic.startswith("iot/status/")}
    speakers = {topic for topic, _payload in listener.heard if topic.startswith("iot/device/")}
    assert code == 0
    assert statuses == {f"iot/status/device_gateway_{number}" for number in range(4)}
    assert listener.of("iot/status/device_gateway_0") == [b"online", b"offline"]
    assert len(speakers) == 40


def test_what_is_measured_while_the_broker_is_away_goes_out_in_order_and_none_is_lost(tmp_path: Path) -> None:
    with (
        running(tmp_path / "broker") as broker,
        listening(broker.port, "iot/device/+") as listener,
        simulating(tmp_path, "--port", str(broker.port), "--devices", "20") as simulator,
    ):
        until(lambda: len(listener.heard) > 40)
        broker.stop()
        until(lambda: "broker not reachable" in simulator.words())
        before = len(listener.heard)
        broker.start()
        until(lambda: len(listener.heard) > before + 200, 60)
        simulator.ask_to_leave()
        code = simulator.wait(10)
        until(lambda: len(ids_of(listener.heard)) >= len({line.id for line in simulator.sent()}))

    assert code == 0
    assert (
        simulator.summary().unacknowledged == simulator.summary().queued == simulator.summary().refused == 0
    )
    # A message whose PUBACK was lost with the connection may come twice, but never none.
    assert set(ids_of(listener.heard)) == {line.id for line in simulator.sent()}
    for number in range(20):
        stamps = [json.loads(payload)["timestamp"] for payload in listener.of(f"iot/device/device_{number}")]
        first_arrivals = list(dict.fromkeys(stamps))
        assert first_arrivals == sorted(first_arrivals)


def test_a_full_outbox_keeps_the_oldest_and_counts_what_it_refuses(tmp_path: Path) -> None:
    many = ("--devices", "10", "--connections", "1", "--outbox", "30")

    with running(tmp_path / "broker") as broker, listening(broker.port, "iot/device/+") as listener:
        broker.stop()
        with simulating(tmp_path, "--port", str(broker.port), *many) as simulator:
            until(lambda: "refused" in simulator.words(), 60)
            broker.start()
            until(lambda: len(listener.heard) > 60, 60)
            simulator.ask_to_leave()
            code = simulator.wait(10)

    stamps = [datetime.fromisoformat(json.loads(payload)["timestamp"]) for _topic, payload in listener.heard]
    assert code == 0
    assert simulator.summary().refused > 0
    # Eleven or twelve a second: thirty are the run's first three seconds. What came next was refused.
    assert stamps[:30] == sorted(stamps[:30])
    assert stamps[29] - stamps[0] < timedelta(seconds=4)
    assert stamps[30] - stamps[29] > timedelta(seconds=1)
    assert len(simulator.sent()) == simulator.summary().published


def test_a_broker_that_is_never_there_ends_in_exit_code_one(tmp_path: Path) -> None:
    (port,) = free_ports(1)

    with simulating(
        tmp_path, "--host", LOOPBACK, "--port", str(port), "--devices", "2", "--duration", "1", "--drain", "0"
    ) as simulator:
        code = simulator.wait()

    assert code == 1
    assert f"broker not reachable at {LOOPBACK}:{port}" in simulator.words()
    assert simulator.summary().queued > 0


def test_probes_see_the_broker_come_and_the_counts_grow(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    probed = ("--devices", "5", "--health-port", str(port))

    with running(tmp_path / "broker") as broker:
        broker.stop()
        with simulating(tmp_path, "--port", str(broker.port), *probed) as simulator:
            until(lambda: status_of(port, "/live") == 200)
            before = status_of(port, "/ready")
            broker.start()
            until(lambda: status_of(port, "/ready") == 200)
            until(lambda: acknowledged_by_metrics(port) > 5)
            simulator.ask_to_leave()
            code = simulator.wait(10)

    assert before == 503
    assert code == 0


def test_asked_to_leave_a_run_without_end_leaves_in_time_with_everything_acknowledged(tmp_path: Path) -> None:
    with (
        running(tmp_path / "broker") as broker,
        simulating(tmp_path, "--port", str(broker.port), "--devices", "50") as simulator,
    ):
        until(lambda: len(simulator.sent()) > 50)
        simulator.ask_to_leave()
        code = simulator.wait(10)

    assert code == 0
    assert simulator.summary().published == len(simulator.sent())
    assert simulator.summary().unacknowledged == 0


def status_of(port: int, path: str) -> int:
    """The HTTP status, 0 while nobody answers."""
    try:
        with urlopen(f"http://{LOOPBACK}:{port}{path}", timeout=5) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except OSError:
        return 0


def acknowledged_by_metrics(port: int) -> float:
    with urlopen(f"http://{LOOPBACK}:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return float(
        next(line for line in lines if line.startswith("wardstream_simulator_acknowledged_total")).split()[1]
    )
