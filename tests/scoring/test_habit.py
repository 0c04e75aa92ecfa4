import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardstream.contracts.user_model import Usual
from wardstream.scoring import habit
from wardstream.scoring.habit import BLOCKS_OF_A_DAY, Habit


def _taught(means: list[float]) -> Habit:
    known = habit.before_any("heart_rate_bpm")
    for block, mean in enumerate(means):
        habit.learn(known, block, mean - habit.expected(known, block))
    return known


def test_a_new_person_is_everybody_with_little_confidence() -> None:
    new, known = habit.before_any("heart_rate_bpm"), _taught([60.0] * 600)

    assert habit.expected(new, 0) == 72.0
    assert habit.spread(new, "heart_rate_bpm") > 10.0
    assert habit.spread(known, "heart_rate_bpm") < 6.0
    assert habit.expected(known, 600) == pytest.approx(60.0, abs=1.0)


def test_the_time_of_day_is_learned() -> None:
    day = [
        60.0 - 6.0 * math.cos(2 * math.pi * (n - 192) / BLOCKS_OF_A_DAY + math.pi)
        for n in range(BLOCKS_OF_A_DAY)
    ]

    known = _taught(day * 14)

    assert habit.expected(known, 192) - habit.expected(known, 192 + 144) > 6.0


def test_one_artefact_hardly_moves_a_habit() -> None:
    known = _taught([60.0] * 200)
    before = known.level

    habit.learn(known, 200, 200.0)

    assert known.level - before < 0.1


@given(st.lists(st.floats(20, 250), max_size=200))
def test_the_level_stays_within_what_was_said_and_the_prior(means: list[float]) -> None:
    known = _taught(means)

    assert min([*means, 72.0]) - 1.0 <= known.level <= max([*means, 72.0]) + 1.0
    assert known.variance > 0


@given(st.lists(st.floats(30, 200), max_size=60))
def test_a_habit_is_the_same_after_it_was_packed(means: list[float]) -> None:
    known = _taught(means)

    assert habit.unpacked(known.packed()) == known
    assert habit.unpacked(known.packed()).level == known.level


def test_what_training_found_weighs_as_much_as_its_days() -> None:
    few = habit.of_model(Usual(mean=52, spread=5, readings=100, days=1), "heart_rate_bpm")
    many = habit.of_model(
        Usual(mean=52, spread=5, readings=9000, days=20, shape=(3.0, 0.0, 0.0, 0.0), day_spread=2.0),
        "heart_rate_bpm",
    )

    habit.learn(few, 0, 5.0)
    habit.learn(many, 0, 5.0)

    assert few.level - 52 > 5 * (many.level - 52) > 0
    assert habit.expected(many, 0) - habit.expected(many, 144) == pytest.approx(6.0, abs=0.1)
