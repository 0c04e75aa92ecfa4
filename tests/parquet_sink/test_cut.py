"""When to cut and what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parquet_sink import rows
from parquet_sink.cut import Cut, Held, Limits, cut, due, taken_back
from parquet_sink.layout import Source
from parquet_sink.rows import Record
from tests.parquet_sink.arbitrary import SOURCE, logs

LIMITS = Limits(rows=100, bytes=1000, age_s=60.0)


def held(*, rows: int = 0, size_bytes: int = 0, since_s: float = 0.0, ends_at: int | None = None) -> Held:
    return Held(since_s=since_s, next_offset=10, size_bytes=size_bytes, rows=rows, ends_at=ends_at)


def of(partition: int) -> Source:
    return SOURCE._replace(partition=partition)


def taken(log: list[Record]) -> Held:
    """What is held after taking the whole log, record by record."""
    held = Held(since_s=0.0, next_offset=0, size_bytes=0)
    for record in log:
        held = held.with_more(rows.table(0, [record])[0], record.offset + 1, len(record.value))
    return held


def offsets(made: Cut) -> list[int]:
    found: list[int] = made.rows["offset"].to_pylist()
    return found


@pytest.mark.parametrize(
    ("what", "now_s", "is_due"),
    [
        (held(rows=99), 59.9, False),
        (held(rows=100), 0.0, True),
        (held(rows=1), 60.0, True),
        (held(rows=0), 60.0, True),
        (held(rows=1, size_bytes=1000), 0.0, True),
        (held(rows=500, ends_at=10), 90.0, False),
        (held(rows=500, size_bytes=5000, ends_at=10), 90.0, False),
        (held(rows=1, ends_at=9), 0.0, True),
    ],
)
def test_a_partition_is_due_by_rows_by_age_by_bytes_or_when_a_claimed_run_is_whole(
    what: Held, now_s: float, is_due: bool
) -> None:
    assert due({SOURCE: what}, LIMITS, now_s) == ([SOURCE] if is_due else [])


def test_when_all_together_are_too_large_the_largest_go_until_the_rest_fits() -> None:
    partitions = {of(0): held(size_bytes=300), of(1): held(size_bytes=600), of(2): held(size_bytes=500)}

    assert due(partitions, LIMITS, now_s=0.0) == [of(1)]


@given(st.dictionaries(st.integers(0, 7), st.integers(0, 900)), st.floats(0, 59))
def test_what_stays_held_is_always_less_than_the_limit(sizes: dict[int, int], now_s: float) -> None:
    partitions = {of(number): held(size_bytes=size) for number, size in sizes.items()}

    ready = due(partitions, LIMITS, now_s)

    assert sum(size for number, size in sizes.items() if of(number) not in ready) < LIMITS.bytes


@given(logs())
def test_a_cut_takes_everything_held_in_the_order_of_offsets(log: list[Record]) -> None:
    made, rest = cut(SOURCE, taken(log), 1.0)

    assert rest is None
    assert offsets(made) == [record.offset for record in log if record.value != b"garbage"]
    assert made.next_offset == (log[-1].offset + 1 if log else 0)


@given(logs(), st.data())
def test_a_taken_run_is_cut_where_its_owner_said_and_nothing_is_lost_behind_it(
    log: list[Record], data: st.DataObject
) -> None:
    good = [record.offset for record in log if record.value != b"garbage"]
    if not good:
        return
    mine = data.draw(st.integers(1, len(log)))
    ends_at = data.draw(st.sampled_from(good))
    refused, _ = cut(SOURCE, taken(log[:mine]), 1.0)
    since = taken(log[mine:]) if log[mine:] else None

    made, rest = cut(SOURCE, taken_back(refused, since, ends_at), 2.0)

    assert made.is_claimed
    assert offsets(made) == [offset for offset in good if offset <= ends_at]
    behind, _ = cut(SOURCE, rest, 3.0) if rest else (None, None)
    assert (offsets(behind) if behind else []) == [offset for offset in good if offset > ends_at]


def test_an_offset_that_was_taken_before_is_a_defect() -> None:
    both = taken([Record(0, b"garbage"), Record(1, b"garbage")])

    with pytest.raises(ValueError, match="offset 1 was taken before"):
        both.with_more(rows.table(0, [])[0], 2, 0)
