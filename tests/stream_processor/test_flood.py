import pytest

from stream_processor.flood import Flood, Flooded


def _refuse(flood: Flood, times: int) -> None:
    for _ in range(times):
        flood.refused()


def test_a_thousand_refusals_in_a_row_are_a_flood() -> None:
    flood = Flood()
    _refuse(flood, 950)

    with pytest.raises(Flooded, match="too old"):
        flood.refused()


def test_one_good_record_in_ten_is_no_flood() -> None:
    flood = Flood()

    for _ in range(1000):
        _refuse(flood, 9)
        flood.passed(1)


def test_years_of_good_records_do_not_hide_a_flood() -> None:
    flood = Flood()
    flood.passed(10_000_000)

    with pytest.raises(Flooded):
        _refuse(flood, 20_000)
