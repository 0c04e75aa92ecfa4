"""Whatever moment SIGTERM comes, a service leaves in good order: while it starts, while it works, while it ends."""

import signal
from pathlib import Path

import pytest

from tests.iot_simulator.broker import running
from tests.local.test_services import _NOWHERE, _small_service
from tests.local.waiting import until
from wardstream.local import services
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child
from wardstream.local.ports import LOOPBACK


def _nagged(child: Child) -> int | None:
    """Its exit code, after SIGTERM upon SIGTERM until it was gone."""
    try:
        assert until(lambda: _has_ended(child), 60)
    finally:
        child.stop()
    return child.exit_code


def _has_ended(child: Child) -> bool:
    for _ in range(100):
        child.send(signal.SIGTERM)
    return child.exit_code is not None


def _simulator(folder: Path, port: int, name: str, *arguments: str) -> services.Service:
    servers = Addresses(
        kafka_bootstrap=_NOWHERE.kafka_bootstrap,
        mqtt_host=LOOPBACK,
        mqtt_port=port,
        s3_endpoint=_NOWHERE.s3_endpoint,
        dynamodb_endpoint=_NOWHERE.dynamodb_endpoint,
    )
    ledger = ("--ledger", str(folder / f"{name}.jsonl"))
    return services.service("iot_simulator", servers, folder, name=name, arguments=(*arguments, *ledger))


def test_a_service_that_is_asked_again_and_again_from_its_first_moment_to_its_last_ends_with_0(
    tmp_path: Path,
) -> None:
    child = Child(_small_service(tmp_path).command)

    assert _nagged(child) == 0
    assert '"event": "left"' in child.command.log.read_text()


@pytest.mark.flow
def test_a_device_that_is_asked_to_leave_at_any_moment_and_owes_nothing_ends_with_0(tmp_path: Path) -> None:
    with running(tmp_path / "broker") as broker:
        early = Child(_simulator(tmp_path, broker.port, "early", "--devices", "3").command)
        early_code = _nagged(early)
        late = Child(_simulator(tmp_path, broker.port, "late", "--devices", "3", "--duration", "1").command)
        said = late.command.log
        # Its last words; what is left is the interpreter's own end.
        assert until(lambda: "unacknowledged 0" in said.read_text(), 60)
        late_code = _nagged(late)

    assert (early_code, late_code) == (0, 0), said.read_text()
    assert "published 0 in" in early.command.log.read_text()
    # The book is there, and says that nothing was sent.
    assert (tmp_path / "early.jsonl").read_bytes() == b""
