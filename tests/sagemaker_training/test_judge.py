"""The judge: who cries wolf and who is blind."""

import random

import pytest

from sagemaker_training.judge import judged
from sagemaker_training.verdict import verdict
from tests.sagemaker_training.made import model, trial
from tests.sagemaker_training.ward import MINUTE_US, reading
from wardstream.contracts.reading import Reading

_HOURS = 24


def _day(bpm: float, seed: int = 1) -> list[Reading]:
    rng = random.Random(seed)
    return [
        reading("ada", minute * MINUTE_US, heart_rate_bpm=rng.gauss(bpm, 1.5))
        for minute in range(_HOURS * 60)
    ]


def test_a_model_of_another_level_raises_false_alarms_and_loses() -> None:
    fitting, wrong = model(bpm=52, version=9), model(bpm=95, version=3)

    found = judged(fitting, wrong, _day(52), trouble=())

    assert (found.is_better, found.reason, found.current_version) == (True, "fewer false alarms", 3)
    assert found.candidate.false_alarms == 0
    assert found.current.false_alarms >= 1


def test_a_wrong_candidate_is_not_published() -> None:
    fitting, wrong = model(bpm=52, version=3), model(bpm=95, version=9)

    assert not judged(wrong, fitting, _day(52), trouble=()).is_better


def test_a_model_as_good_on_no_more_evidence_changes_nothing() -> None:
    found = judged(model(version=9, days=22), model(version=3, days=20), _day(60), trouble=())

    assert (found.is_better, found.reason) == (False, "no better")


def test_alarms_while_something_was_wrong_are_no_false_ones() -> None:
    readings = _day(52)
    ill = ((0, _HOURS * 60 * MINUTE_US),)

    found = judged(model(bpm=52), model(bpm=95), readings, trouble=ill)

    assert found.current.false_alarms == 0


@pytest.mark.parametrize(
    ("candidate", "current", "reason"),
    [
        (trial(false_alarms=1), trial(false_alarms=2), "fewer false alarms"),
        (trial(false_alarms=1), trial(false_alarms=0, found=0), "more false alarms"),
        (trial(false_alarms=0, found=1), trial(false_alarms=3, found=2), "finds less"),
        (trial(found=3), trial(found=2), "finds more"),
        (trial(days=21), trial(days=14), "as good, on more evidence"),
        (trial(days=20), trial(days=14), "no better"),
    ],
)
def test_better_is_who_is_worse_in_nothing_and_better_in_something(
    candidate: object, current: object, reason: str
) -> None:
    assert verdict(candidate, current, 1).reason == reason  # type: ignore[arg-type]  # trials


def test_what_is_planted_is_found_by_a_fitting_model() -> None:
    found = judged(model(bpm=60), None, _day(60), trouble=())

    assert found.candidate.planted == 3
    assert found.candidate.found >= 1
