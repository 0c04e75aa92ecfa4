"""Readings into five-minutes into hours."""

import numpy as np
import pytest

from sagemaker_training.cells import CELL_US, DAY_US, HOURS, TOLD, Day, Hours, part
from tests.sagemaker_training.made import lived, resting

_HEART, _TEMPERATURE, _EFFORT = (
    TOLD.index("heart_rate_bpm"),
    TOLD.index("temperature_c"),
    TOLD.index("effort_bpm"),
)


def _one(at_us: list[int], **values: list[float]) -> Hours:
    day = Day()
    said = {name: np.array(each, np.float32) for name, each in values.items()}
    day.take(np.zeros(len(at_us), np.int64), np.array(at_us, np.int64), said)
    return day.closed(1)[0]


def test_an_hour_is_the_mean_of_its_five_minutes_however_many_readings_each_had() -> None:
    # Twelve readings of 60 in the first five minutes, one of 70 in the next.
    hours = _one([*range(12), CELL_US], heart_rate_bpm=[60.0] * 12 + [70.0])

    assert hours.mean[0, _HEART, 0] == 65
    assert hours.cells[0, _HEART, 0] == 2
    assert hours.variance[0, _HEART, 0] == 50
    assert hours.readings[0, _HEART] == 13
    assert np.isnan(hours.mean[0, _HEART, 1:]).all()


def test_the_heart_counts_only_at_rest_and_what_effort_adds_is_kept_apart() -> None:
    minute_us = 60_000_000
    at_us = [number * minute_us for number in range(60)]
    steps = [12.0 if number < 10 else 0.0 for number in range(60)]
    hearts = [90.0 if number < 20 else 60.0 for number in range(60)]

    hours = _one(at_us, heart_rate_bpm=hearts, steps_per_min=steps, temperature_c=[36.6] * 60)

    # Two cells of pottering about, and four in which it leaks away: no rest yet.
    assert hours.cells[0, _HEART, 0] == 12 - 6
    assert hours.mean[0, _HEART, 0] == 60
    assert (hours.mean[0, _EFFORT, 0], hours.cells[0, _EFFORT, 0]) == (80, 6)
    assert hours.cells[0, _TEMPERATURE, 0] == 12


def test_a_walk_before_midnight_is_no_rest_after_it() -> None:
    first, second = Day(), Day()
    nobody = np.zeros(1, np.int64)
    first.take(nobody, np.array([DAY_US - CELL_US]), {"steps_per_min": np.array([90.0], np.float32)})
    second.take(nobody, np.array([0]), {"heart_rate_bpm": np.array([100.0], np.float32)})

    _, effort = first.closed(1)
    rested, _ = second.closed(1)
    walked, _ = second.closed(1, effort)

    assert rested.cells[0, _HEART, 0] == 1
    assert walked.cells[0, _HEART, 0] == 0


def test_who_appears_later_has_no_hours_before() -> None:
    day = Day()
    day.take(np.zeros(1, np.int64), np.array([5]), {"heart_rate_bpm": np.array([60.0], np.float32)})
    hours, _ = day.closed(1)

    both = part(hours, 0, 2)

    assert both.mean[0, _HEART, 0] == 60
    assert np.isnan(both.mean[1]).all()
    assert both.cells[1].sum() == 0


@pytest.mark.parametrize("people", [1, 600])
def test_memory_is_bounded_by_people_and_dates(people: int) -> None:
    (hours,) = lived([resting(60)] * people, 1) if people == 1 else [Day().closed(people)[0]]

    assert hours.nbytes / people <= len(TOLD) * (HOURS * 7 + 4)
