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


def test_half_an_hour_of_forty_percent_is_enough_and_one_burst_is_not() -> None:
    assert _after([4.0] * 6).total >= evidence.THRESHOLD
    assert _after([30.0]).total < evidence.THRESHOLD / 4


@given(st.lists(st.floats(-20, evidence.ALLOWANCE), max_size=300))
def test_what_stays_within_the_allowance_never_adds_up(steps: list[float]) -> None:
    assert _after(steps).total == pytest.approx(0.0)


@given(st.lists(st.floats(-20, 20), max_size=100))
def test_evidence_is_never_below_nothing(steps: list[float]) -> None:
    assert _after(steps).total >= 0.0


def test_a_gap_of_an_hour_forgets() -> None:
    known = _after([4.0] * 5)

    evidence.add(known, 5 + 13, 0.0)

    assert known.total == 0.0


def test_an_alarm_makes_the_next_one_harder_and_a_month_makes_up_for_it() -> None:
    known = _after([4.0] * 6)
    evidence.after_alarm(known)
    at_once = known.tolerance

    evidence.add(known, known.block + 90 * 288, 0.0)

    assert at_once == pytest.approx(1.2)
    assert known.tolerance < 1.02


def test_a_day_of_which_too_little_was_said_is_no_evidence() -> None:
    day = Day(total=2.0)

    evidence.close_day(day, None)

    assert day.total == 2.0


def test_many_small_signals_do_not_add_up_like_one_large() -> None:
    assert evidence.fused({"a": 3.0}) == 3.0
    assert evidence.fused({"a": 1.0, "b": 1.0, "c": 1.0}) < 2.0
