from hypothesis import given
from hypothesis import strategies as st

from stream_processor.deadlines import Deadlines, whole_seconds

S = 1_000_000


def test_somebody_is_due_from_their_deadline_on_and_once() -> None:
    deadlines = Deadlines()
    deadlines.expect(b"ada", 10 * S)

    assert deadlines.due(10 * S - 1, 10) == []
    assert deadlines.due(10 * S, 10) == [b"ada"]
    assert deadlines.due(11 * S, 10) == []
    assert len(deadlines) == 0


def test_an_earlier_deadline_replaces_a_later_one_and_a_later_one_changes_nothing() -> None:
    deadlines = Deadlines()
    for second in (10, 5, 20):
        deadlines.expect(b"ada", second * S)

    assert deadlines.due(5 * S, 10) == [b"ada"]
    assert deadlines.due(100 * S, 10) == []


def test_no_more_are_handed_out_than_were_asked_for_and_the_rest_stays_due() -> None:
    deadlines = Deadlines()
    for number in range(10):
        deadlines.expect(b"%d" % number, number % 2 * S)

    first, rest = deadlines.due(5 * S, 7), deadlines.due(5 * S, 7)

    assert (len(first), len(rest)) == (7, 3)
    assert len({*first, *rest}) == 10
    assert not deadlines.is_any_due(5 * S)


@given(
    st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.integers(0, 50 * S)), max_size=30),
    st.integers(0, 50 * S),
)
def test_exactly_those_are_due_whose_earliest_deadline_has_come(
    wishes: list[tuple[bytes, int]], now_us: int
) -> None:
    deadlines = Deadlines()
    for key, due_us in wishes:
        deadlines.expect(key, due_us)

    due = deadlines.due(now_us, 100)

    earliest = {key: min(due_us for each, due_us in wishes if each == key) for key, _ in wishes}
    assert sorted(due) == sorted(key for key, due_us in earliest.items() if due_us <= whole_seconds(now_us))
