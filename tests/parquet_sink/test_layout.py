"""Names of objects."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from parquet_sink.layout import object_key
from tests.parquet_sink.arbitrary import SOURCE

offsets = st.integers(0, 2**63 - 1)


def test_an_object_lies_in_the_folder_of_its_date_under_its_partition_s_first_row() -> None:
    key = object_key("readings", SOURCE._replace(partition=3), 1234, date(2025, 11, 8))

    assert key == "readings/date=2025-11-08/readings-0123456789abcdef-3-00000000000000001234.parquet"


@given(offsets, offsets)
def test_names_sort_as_offsets_do_and_only_the_same_offset_gives_the_same_name(one: int, other: int) -> None:
    day = date(2025, 11, 8)

    keys = object_key("readings", SOURCE, one, day), object_key("readings", SOURCE, other, day)

    assert (keys[0] < keys[1]) == (one < other)
    assert (keys[0] == keys[1]) == (one == other)


@given(st.dates(min_value=date(1970, 1, 1)))
def test_a_date_has_ten_characters(day: date) -> None:
    folder = object_key("readings", SOURCE, 0, day).split("/")[1]

    assert len(folder) == len("date=YYYY-MM-DD")
