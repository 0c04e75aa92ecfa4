"""A chain of lines tells what was done to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardstream.audit import chain
from wardstream.audit.chain import Head, Said


def written(count: int) -> tuple[list[bytes], Head]:
    lines, head = [], Head()
    for number in range(count):
        text, head = chain.line(Said(what="queried", by="anna", at_us=number, detail=f"{number}"), head)
        lines.append(text)
    return lines, head


def test_a_log_left_alone_is_whole() -> None:
    lines, head = written(5)

    found = chain.verdict(lines, head)

    assert found == chain.Verdict(head, (), ())


@given(st.integers(2, 12), st.data())
def test_a_removed_line_is_found_wherever_it_was(count: int, data: st.DataObject) -> None:
    lines, head = written(count)

    del lines[data.draw(st.integers(0, count - 1))]

    assert chain.verdict(lines, head).faults


@given(st.integers(1, 8), st.data())
def test_an_altered_byte_is_found_wherever_it_is(count: int, data: st.DataObject) -> None:
    lines, head = written(count)
    which = data.draw(st.integers(0, count - 1))
    # Not the newline: without the last one a line counts as cut off by a crash, which the head finds.
    place = data.draw(st.integers(0, len(lines[which]) - 2))
    changed = bytearray(lines[which])
    changed[place] ^= data.draw(st.integers(1, 255))
    lines = b"".join([*lines[:which], bytes(changed), *lines[which + 1 :]]).splitlines(keepends=True)

    assert chain.verdict(lines, head).faults


@given(st.integers(2, 8), st.data())
def test_lines_that_changed_places_are_found(count: int, data: st.DataObject) -> None:
    lines, head = written(count)
    one, other = data.draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True))

    lines[one], lines[other] = lines[other], lines[one]

    assert chain.verdict(lines, head).faults


def test_a_line_altered_with_its_own_hash_made_right_breaks_the_next() -> None:
    lines, head = written(3)
    _, behind_first = chain.line(Said(what="queried", by="anna", at_us=0, detail="0"), Head())

    lines[1], _ = chain.line(Said(what="queried", by="somebody else", at_us=1), behind_first)

    assert "line 3" in chain.verdict(lines, head).faults[0]


def test_the_last_line_rewritten_is_found_by_the_head_alone() -> None:
    lines, head = written(2)
    _, behind_first = chain.line(Said(what="queried", by="anna", at_us=0, detail="0"), Head())

    lines[1], forged = chain.line(Said(what="queried", by="somebody else", at_us=1), behind_first)

    assert chain.verdict(lines, head).faults
    assert not chain.verdict(lines, forged).faults


def test_a_cut_tail_is_found_by_the_head_alone() -> None:
    lines, head = written(5)

    cut = chain.verdict(lines[:3], head)

    assert cut.faults == ("the end is missing: 3 lines, and the head, kept apart, has 5",)
    assert not chain.verdict(lines[:3], cut.head).faults


@pytest.mark.parametrize("left", [1, 70, -1])
def test_a_line_that_a_crash_cut_off_is_a_note_and_no_fault(left: int) -> None:
    lines, head = written(3)
    torn, _ = chain.line(Said(what="queried", by="anna", at_us=9), head)

    found = chain.verdict([*lines, torn[:left]], head)

    assert not found.faults
    assert len(found.notes) == 1
