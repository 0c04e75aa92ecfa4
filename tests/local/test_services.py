"""Services as children: ready, stopped with exit code 0, started again when they fall."""

import signal
from pathlib import Path

import pytest

from tests.local.waiting import until
from wardstream.local import services
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child
from wardstream.local.keeper import Keeper, pause_s
from wardstream.runtime.failure import CannotRun

_NOWHERE = Addresses(
    kafka_bootstrap="127.0.0.1:1",
    mqtt_host="127.0.0.1",
    mqtt_port=1,
    s3_endpoint="http://127.0.0.1:1",
    dynamodb_endpoint="http://127.0.0.1:1",
)
_CHECKOUT = Path(__file__).parents[2]


def _small_service(folder: Path, **settings: str) -> services.Service:
    # A service runs in a folder of its own, where `tests` can't be imported from.
    return services.service(
        "tests.local.small_service",
        _NOWHERE,
        folder,
        name="small",
        settings={"PYTHONPATH": str(_CHECKOUT)} | settings,
    )


def test_a_service_gets_ready_and_leaves_with_exit_code_0_when_asked(tmp_path: Path) -> None:
    service = _small_service(tmp_path)

    child = services.start_ready(service)
    ready = service.is_ready()
    code = child.stop()

    assert ready
    assert code == 0
    assert not service.is_ready()


def test_a_service_with_wrong_settings_is_told_with_its_own_message(tmp_path: Path) -> None:
    service = _small_service(tmp_path, LOG_LEVEL="loud")

    with pytest.raises(CannotRun, match=r"small ended with exit code 78") as told:
        services.start_ready(service)

    assert "LOG_LEVEL" in str(told.value)


def test_a_developers_own_aws_variables_do_not_leak_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "hospital-production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "t")

    variables = services.environment(_NOWHERE)

    aws = {name for name in variables if name.startswith("AWS_")}
    assert aws == {name for name in _NOWHERE.environment() if name.startswith("AWS_")}


def test_a_service_that_falls_is_started_again_after_its_pause(tmp_path: Path) -> None:
    started: list[Child] = []
    service = _small_service(tmp_path)
    keeper = Keeper(service, lambda child, _port: started.append(child), now_s=0)
    try:
        keeper.wait_until_ready(20)
        (service.command.folder / "CRASH").touch()
        assert until(lambda: keeper.child.exit_code == 3)

        keeper.look(now_s=10)
        keeper.look(now_s=10.9)
        during_the_pause = len(started)
        keeper.look(now_s=11)
        keeper.wait_until_ready(20)

        assert during_the_pause == 1
        assert len(started) == 2
        assert keeper.child is started[1]
    finally:
        for child in started:
            child.stop()


def test_pauses_double_up_to_half_a_minute() -> None:
    assert [pause_s(falls) for falls in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]


def test_a_killed_service_tells_the_signal(tmp_path: Path) -> None:
    child = services.start_ready(_small_service(tmp_path))

    child.send(signal.SIGKILL)

    assert child.stop() == -signal.SIGKILL
