import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scoring.made import at_us
from wardstream.contracts.user_model import Usual
from wardstream.scoring.baseline import (
    ENOUGH_READINGS,
    LEAST_SPREAD,
    Baseline,
    begun,
    deviation,
    from_model,
    is_enough,
    learn,
    spread,
    usual_range,
)

SECOND_US = 1_000_000


def _learn(values: list[float], every_s: int = 1) -> Baseline:
    known = begun(values[0], at_us(0))
    for value in values[1:]:
        learn(known, "heart_rate_bpm", value, every_s * SECOND_US)
    return known


@given(st.lists(st.floats(30, 200), min_size=1, max_size=ENOUGH_READINGS))
def test_the_first_readings_give_their_plain_mean_and_variance(values: list[float]) -> None:
    known = _learn(values)

    assert known.mean == pytest.approx(statistics.fmean(values))
    assert known.variance == pytest.approx(statistics.pvariance(values), abs=1e-6)
    assert known.readings == len(values)


@given(st.lists(st.floats(0, 350), min_size=1, max_size=300))
def test_the_mean_stays_within_the_values_and_the_spread_above_a_bodys(values: list[float]) -> None:
    known = _learn(values, every_s=60)

    assert min(values) - 1e-6 <= known.mean <= max(values) + 1e-6
    assert spread(known, "heart_rate_bpm") >= LEAST_SPREAD["heart_rate_bpm"]


def test_one_artefact_hardly_moves_a_baseline_of_an_hour() -> None:
    steady = _learn([70.0] * 3600)

    learn(steady, "heart_rate_bpm", 300, SECOND_US)

    assert steady.mean == pytest.approx(70, abs=0.01)


def test_after_a_night_without_readings_the_first_one_is_not_the_baseline() -> None:
    steady = _learn([70.0] * 3600)

    learn(steady, "heart_rate_bpm", 80, 36_000 * SECOND_US)

    assert steady.mean < 70.1


def test_enough_means_both_readings_and_time() -> None:
    minute = _learn([70.0] * 60)
    hour = _learn([70.0] * 60, every_s=61)

    assert not is_enough(minute, at_us(60))
    assert is_enough(hour, at_us(3600))
    assert not is_enough(_learn([70.0] * 59, every_s=100), at_us(7200))


def test_a_model_of_many_readings_is_enough_at_once() -> None:
    known = from_model(Usual(mean=66, spread=6, readings=5000))

    assert is_enough(known, at_us(0))
    assert usual_range(known, "heart_rate_bpm") == (54, 78)
    assert deviation(known, "heart_rate_bpm", 96) == pytest.approx(5)
