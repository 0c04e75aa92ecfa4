import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardstream.scoring import evidence
from wardstream.scoring.evidence import Day, Sustained


def _after(steps: list[float]) -> Sustained:
    known = Sustained()
    for number, each in enumerate(steps):
        evidence.add(known, number + 1, each)
    return known


def test_thirty_five_minutes_of_forty_percent_are_enough_and_one_burst_is_not() -> None:
    assert _after([4.0] * 7).total >= evidence.THRESHOLD
    assert _after([30.0]).total < evidence.FREEZES_AT * evidence.THRESHOLD


@given(st.lists(st.floats(-20, evidence.ALLOWANCE), max_size=300))
def test_what_stays_within_the_allowance_never_adds_up(steps: list[float]) -> None:
    assert _after(steps).total == pytest.approx(0.0)


@given(st.lists(st.floats(-20, 20), max_size=100))
def test_evidence_is_never_below_nothing(steps: list[float]) -> None:
    assert _after(steps).total >= 0.0


def test_ten_minutes_of_what_no_resting_heart_does_are_enough() -> None:
    assert _after([7.0] * 2).total >= evidence.THRESHOLD


def test_a_rise_is_held_against_the_hour_before_where_that_lay_lower_and_as_long_as_it_lasts() -> None:
    # Usual is 75 bpm; an hour at 62, then 84.
    known = Sustained()
    for block in range(1, 13):
        evidence.add_beside_hour(known, block, -13.0, 7.5, 7.5)
    for block in range(13, 20):
        evidence.add_beside_hour(known, block, 9.0, 7.5, 7.5)

    assert known.total >= evidence.THRESHOLD
    assert evidence.hour_before(known) == pytest.approx(-13.0)
    assert _after([9.0 / 7.5] * 7).total == 0.0


def test_an_hour_that_lay_higher_makes_nothing_less_unusual() -> None:
    known, plain = Sustained(), Sustained()
    for block in range(1, 13):
        for each in (known, plain):
            evidence.add(each, block, 0.0)
    known.lately, known.lately_blocks = 20.0, 12

    evidence.add_beside_hour(known, 13, 22.0, 7.5, 7.5)
    evidence.add(plain, 13, 22.0 / 7.5)

    assert known.total == plain.total


def test_the_hour_before_is_forgotten_three_hours_later() -> None:
    known = Sustained()
    for block in range(1, 13):
        evidence.add_beside_hour(known, block, -13.0, 7.5, 7.5)

    assert evidence.lately(known, 12 + 37) is None


def test_a_gap_of_an_hour_forgets() -> None:
    known = _after([4.0] * 5)

    evidence.add(known, 5 + 13, 0.0)

    assert known.total == 0.0


def test_an_alarm_makes_the_next_one_harder_and_a_month_makes_up_for_it() -> None:
    known = _after([4.0] * 6)
    evidence.after_alarm(known)
    at_once = known.tolerance

    evidence.add(known, known.block + 90 * 288, 0.0)

    assert at_once == pytest.approx(1.25)
    assert known.tolerance < 1.02


def test_a_day_of_which_too_little_was_said_is_no_evidence() -> None:
    day = Day(total=2.0)

    evidence.close_day(day, None)

    assert day.total == 2.0


def test_many_small_signals_do_not_add_up_like_one_large() -> None:
    assert evidence.fused({"a": 3.0}) == 3.0
    assert evidence.fused({"a": 1.0, "b": 1.0, "c": 1.0}) < 2.0
