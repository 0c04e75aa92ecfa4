"""What may be committed, whatever order acknowledgements come in."""

from hypothesis import given
from hypothesis import strategies as st

from stream_processor.transport.offsets import Delivered

_START = 100


@given(st.data())
def test_nothing_beyond_the_first_unacknowledged_batch_may_be_committed(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 50), min_size=1, max_size=12))
    ends = [_START + sum(sizes[: n + 1]) for n in range(len(sizes))]
    delivered = Delivered(_START)
    for begin, end in zip([_START, *ends], ends, strict=False):
        assert delivered.deliver(begin, end)

    open_ends = set(ends)
    for end in data.draw(st.permutations(ends)):
        delivered.acknowledge(end)
        open_ends.discard(end)

        done = [each for each in ends if each < min(open_ends, default=ends[-1] + 1)]
        assert delivered.committable == (done[-1] if done else _START)
        assert delivered.unacknowledged == len([each for each in ends if each > delivered.committable])

    assert delivered.committable == delivered.position == ends[-1]


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_batch_that_does_not_begin_where_the_last_one_ended_is_refused(position: int, begin: int) -> None:
    delivered = Delivered(position)

    taken = delivered.deliver(begin, begin + 10)

    assert taken == (begin == position)
    assert delivered.position == (begin + 10 if taken else position)


@given(st.integers(0, 100))
def test_acknowledging_what_was_never_handed_out_changes_nothing(unknown: int) -> None:
    delivered = Delivered(0)
    delivered.deliver(0, 101)

    delivered.acknowledge(unknown)

    assert delivered.committable == 0
    assert delivered.unacknowledged == 1


def test_what_nobody_is_to_see_is_gone_past_and_holds_nothing_up() -> None:
    delivered = Delivered(0)

    assert delivered.skip(0, 6)
    assert delivered.committable == 6
    assert delivered.deliver(6, 10)
    assert delivered.skip(10, 12)
    assert delivered.committable == 6
    delivered.acknowledge(10)

    assert delivered.committable == 10
    assert not delivered.skip(10, 14)
