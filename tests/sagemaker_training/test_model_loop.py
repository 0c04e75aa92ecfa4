"""The loop closed on real servers: readings, lake, training, a running processor, and back again."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.sagemaker_training.own_shelf import OwnShelf, own_shelf
from tests.sagemaker_training.ward import resting
from tests.stream_processor.people import new_person
from tests.stream_processor.processing import group
from tests.stream_processor.topics import Heard, listening, write_readings
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.reading import Reading
from wardstream.local.addresses import Addresses

pytestmark = [pytest.mark.flow, pytest.mark.timeout(1200)]

_FIRST = date(2025, 11, 1)
_PATIENCE_S = 240.0
_MODELS = "wardstream_processor_models_total"


@pytest.fixture
def shelf(servers: Addresses, tmp_path: Path) -> Iterator[OwnShelf]:
    with own_shelf(servers, tmp_path) as made:
        made.start_sink()
        yield made


def _days(user: str, first: int, days: int, bpm: float) -> list[Reading]:
    return [
        each
        for number in range(first, first + days)
        for each in resting(user, _FIRST + timedelta(days=number), range(24 * 60), bpm)
    ]


def _personal(heard: Heard, user: str, version: int) -> set[str]:
    """The ids of the personal alarms that were raised about somebody under a version of their model."""
    return {
        each.alarm_id
        for each in heard.alarms
        if (each.user_id, each.kind, each.state) == (user, "personal", "active")
        and each.explanation.model_version == version
    }


def _clinical(heard: Heard, user: str) -> list[Alarm]:
    return [
        each for each in heard.alarms if (each.user_id, each.kind, each.state) == (user, "clinical", "active")
    ]


def test_the_unusual_stops_alarming_once_it_is_learned_danger_does_not_and_a_rollback_brings_it_all_back(
    servers: Addresses, tmp_path: Path, shelf: OwnShelf
) -> None:
    # Three days of two people, one with a heart at 94, learned and published: version N is in force.
    athlete, other = new_person(), new_person()
    folder = tmp_path / "processor"
    folder.mkdir()
    with group(servers, folder) as workers, listening(servers, {athlete, other}) as heard:
        worker = workers.start()
        write_readings(servers, [*_days(athlete, 0, 3, 94), *_days(other, 0, 3, 70)])
        shelf.wait_until_kept()
        shelf.trained(before=_FIRST + timedelta(days=3), days=3)
        worker.until(_MODELS, 2)
        first = shelf.version(athlete)

        # Then a heart at 52, day and night. By version N that is an alarm.
        write_readings(servers, [*_days(athlete, 3, 3, 52), *_days(other, 3, 3, 70)])
        heard.until(lambda said: bool(_personal(said, athlete, first)), _PATIENCE_S)
        shelf.wait_until_kept()
        shelf.trained(before=_FIRST + timedelta(days=6), days=3)
        worker.until(_MODELS, 3)
        second = shelf.version(athlete)

        # By the version that was learned from those days it is none, but 38 still is one.
        day = _FIRST + timedelta(days=6)
        write_readings(servers, resting(athlete, day, range(600), 52))
        write_readings(servers, resting(athlete, day, range(600, 610), 38))
        heard.until(lambda said: bool(_clinical(said, athlete)), _PATIENCE_S)
        under_second = _personal(heard, athlete, second)

        told = shelf.command("models", "rollback", "--user", athlete)
        worker.until(_MODELS, 5)
        write_readings(servers, resting(athlete, day, range(700, 1400), 52))
        heard.until(lambda said: len(_personal(said, athlete, first)) > 1, _PATIENCE_S)

    assert worker.exit_code == 0
    assert first < second
    assert under_second == set()
    assert {each.explanation.model_version for each in _clinical(heard, athlete)} == {second}
    assert told.exit_code == 0, told.output
    assert "rolled back 1 people" in told.output
    assert shelf.version(athlete) == first
    assert _personal(heard, other, first) == set()
