from hypothesis import given
from hypothesis import strategies as st

from wardstream.scoring.seen import REMEMBERED, remembered, was_seen


@given(st.lists(st.text(max_size=30), max_size=200, unique=True))
def test_exactly_the_last_ids_are_remembered(ids: list[str]) -> None:
    marks = b""
    for each in ids:
        marks = remembered(marks, each)

    known = [was_seen(marks, each) for each in ids]

    assert known == [n >= len(ids) - REMEMBERED for n in range(len(ids))]
    assert len(marks) <= REMEMBERED * 8
