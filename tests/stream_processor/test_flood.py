from hypothesis import given
from hypothesis import strategies as st

from stream_processor.flood import Flood


def test_a_thousand_refusals_in_a_row_are_a_flood() -> None:
    flood = Flood()

    said = [flood.saw(refused=True) for _ in range(1000)]

    assert said.index(True) == 950


def test_one_good_record_in_ten_is_no_flood() -> None:
    flood = Flood()

    assert not any(flood.saw(refused=number % 10 != 0) for number in range(5000))


@given(st.lists(st.booleans(), max_size=50))
def test_what_is_long_past_does_not_count(past: list[bool]) -> None:
    flood = Flood()
    for refused in past:
        flood.saw(refused=refused)

    said = [flood.saw(refused=False) for _ in range(1000)] + [flood.saw(refused=True) for _ in range(950)]

    assert not any(said)
    assert flood.saw(refused=True)
