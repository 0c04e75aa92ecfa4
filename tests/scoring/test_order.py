from hypothesis import given
from hypothesis import strategies as st

from tests.scoring.made import reading
from wardstream.scoring.order import clock_was_set_back, is_late, newest

DAY_S = 86_400


@given(first=st.integers(0, DAY_S), second=st.integers(0, DAY_S))
def test_only_what_is_older_than_the_newest_is_late(first: int, second: int) -> None:
    known = newest(reading(first, heart_rate_bpm=70))

    late = is_late(known, reading(second, heart_rate_bpm=71))

    assert late == (second < first)


def test_the_newest_itself_comes_late_when_it_comes_again() -> None:
    said = reading(5, heart_rate_bpm=70)

    assert is_late(newest(said), said)


def test_a_second_device_at_the_same_instant_is_not_late() -> None:
    known = newest(reading(5, user="one", heart_rate_bpm=70))

    assert not is_late(known, reading(5, user="two", heart_rate_bpm=35))


def test_a_clock_that_ran_a_day_ahead_and_was_set_right_makes_nothing_late() -> None:
    ahead = newest(reading(DAY_S, received_second=0, heart_rate_bpm=70))

    right = reading(1, received_second=1, heart_rate_bpm=70)

    assert clock_was_set_back(ahead, right)
    assert not is_late(ahead, right)


def test_a_clock_that_still_runs_ahead_keeps_its_order() -> None:
    ahead = newest(reading(DAY_S, received_second=0, heart_rate_bpm=70))

    assert is_late(ahead, reading(DAY_S - 10, received_second=1, heart_rate_bpm=70))
