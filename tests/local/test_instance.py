"""`wardstream up`, `status` and `down` as a person uses them, with the real servers."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import psutil
import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from typer.testing import CliRunner, Result

from tests.local.waiting import is_alive, until
from wardstream.cli import app
from wardstream.cli.instance import NOT_RUNNING
from wardstream.local import instance, state
from wardstream.local.state import State

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.flow


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where this test's servers are; they don't outlive it."""
    where = tmp_path / "up"
    yield where
    instance.down(where)


def _run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--folder", str(folder)])


def _state(folder: Path) -> State:
    running = instance.status(folder)
    assert running is not None
    return running


def _pids(running: State) -> set[int]:
    return {running.supervisor, *(process.pid for process in running.processes)}


def _leaves(running: State) -> list[Path]:
    return [Path(path) for process in running.processes for path in process.leaves]


def _all_gone(running: State) -> bool:
    return not any(is_alive(pid) for pid in _pids(running))


def _s3(running: State) -> "S3Client":
    assert running.addresses is not None
    return boto3.client(
        "s3",
        endpoint_url=running.addresses.s3_endpoint,
        region_name=running.addresses.region,
        aws_access_key_id=running.addresses.access_key,
        aws_secret_access_key=running.addresses.secret_key,
    )


def _dynamodb(running: State) -> "DynamoDBClient":
    assert running.addresses is not None
    return boto3.client(
        "dynamodb",
        endpoint_url=running.addresses.dynamodb_endpoint,
        region_name=running.addresses.region,
        aws_access_key_id=running.addresses.access_key,
        aws_secret_access_key=running.addresses.secret_key,
    )


def _kafka(running: State) -> AdminClient:
    assert running.addresses is not None
    return AdminClient({"bootstrap.servers": running.addresses.kafka_bootstrap})


def _put_something(running: State) -> None:
    _s3(running).create_bucket(Bucket="kept")
    _s3(running).put_object(Bucket="kept", Key="a", Body=b"still here")
    _dynamodb(running).create_table(
        TableName="kept",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    # Named, since its futures fail once it is collected.
    admin = _kafka(running)
    admin.create_topics([NewTopic("kept", 1)])["kept"].result(20)


def _has_it_still(running: State) -> bool:
    return (
        _s3(running).get_object(Bucket="kept", Key="a")["Body"].read() == b"still here"
        and _dynamodb(running).list_tables()["TableNames"] == ["kept"]
        and "kept" in _kafka(running).list_topics(timeout=20).topics
    )


def _heard_addresses(running: State) -> set[str]:
    heard = [
        connection.laddr.ip
        for process in running.processes
        for connection in psutil.Process(process.pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(heard) > 4
    return set(heard)


# Two starts of all four servers: a minute where two cores are shared.
@pytest.mark.timeout(300)
def test_up_is_found_again_survives_kill_9_and_goes_down(folder: Path) -> None:
    # Given nothing, status says so.
    assert _run(folder, "status").exit_code == NOT_RUNNING

    # Started once, found the second time, all of it on loopback.
    first = _run(folder, "up", "--servers-only")
    running = _state(folder)
    second = _run(folder, "up", "--servers-only")
    assert first.exit_code == second.exit_code == 0, first.output
    assert first.stdout.startswith("# started\n")
    assert second.stdout.startswith("# already running: mosquitto, s3, dynamodb, kafka\n")
    assert first.stdout.partition("\n")[2] == second.stdout.partition("\n")[2]
    assert _state(folder) == running
    assert _run(folder, "status").exit_code == 0
    assert _heard_addresses(running) <= {"127.0.0.1", "::ffff:127.0.0.1"}

    # Kill -9 of the supervisor takes all with it, and the next up has the same addresses and data.
    _put_something(running)
    os.kill(running.supervisor, signal.SIGKILL)
    assert until(lambda: _all_gone(running))
    assert _run(folder, "status").exit_code == NOT_RUNNING
    assert _run(folder, "up", "--servers-only").exit_code == 0
    assert _state(folder).addresses == running.addresses
    assert _has_it_still(_state(folder))

    # Down stops it all, and has nothing to do the second time.
    again = _state(folder)
    stopped = _run(folder, "down")
    assert stopped.exit_code == 0
    assert stopped.stdout == "stopped\n"
    assert _all_gone(again)
    assert not any(path.exists() for path in _leaves(again))
    assert _run(folder, "down").stdout == "nothing ran\n"
    assert _run(folder, "status").exit_code == NOT_RUNNING


@pytest.mark.parametrize(
    "program",
    [
        (sys.executable, "-m", "wardstream.local.supervisor", "{folder}"),
        (str(Path(sys.executable).with_name("wardstream")), "up", "--servers-only", "--folder", "{folder}"),
    ],
    ids=["to the supervisor", "to up"],
)
def test_ctrl_c_while_it_starts_leaves_nothing(folder: Path, program: tuple[str, ...]) -> None:
    command = [part.format(folder=folder) for part in program]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert until(lambda: len(_started(folder)) >= 3)
        pids = _started(folder)

        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)

    assert "Traceback" not in told
    assert until(lambda: not any(is_alive(pid) for pid in pids))
    assert state.holder(folder) is None
    assert state.load(folder) is None


def _started(folder: Path) -> set[int]:
    running = instance.status(folder)
    return _pids(running) - {running.supervisor} if running else set()


def test_up_that_cannot_start_says_why_and_leaves_nothing(folder: Path) -> None:
    data = folder / "kafka" / "data"
    data.mkdir(parents=True)
    (data / "bootstrap.checkpoint").touch()
    (data / "meta.properties").write_text("version=1\nnode.id=7\ncluster.id=someone-elses\n")

    told = _run(folder, "up", "--servers-only")
    asked = _run(folder, "status")

    assert told.exit_code == 1
    assert "wardstream up: kafka ended with exit code 1" in told.stderr
    assert "Traceback" not in told.stderr
    assert asked.exit_code == NOT_RUNNING
    assert "kafka ended with exit code 1" in asked.stdout
    assert state.holder(folder) is None
