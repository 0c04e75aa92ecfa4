"""Acknowledgements go out in the order of the messages, and only for what Kafka has."""

from hypothesis import given
from hypothesis import strategies as st

from mqtt_bridge.pending import Pending


def test_nothing_is_settled_before_it_is_confirmed() -> None:
    pending = Pending()
    pending.add(1, 0.0)

    assert pending.settle() == []
    assert len(pending) == 1


def test_a_confirmed_message_waits_for_the_one_before_it() -> None:
    pending = Pending()
    first, second = pending.add(1, 0.0), pending.add(2, 0.0)

    second.confirmed = True
    early = pending.settle()
    first.confirmed = True

    assert early == []
    assert pending.settle() == [first, second]


@given(st.permutations(range(20)), st.sets(st.integers(0, 19)))
def test_every_message_is_settled_once_and_in_order(order: list[int], looks: set[int]) -> None:
    pending = Pending()
    deliveries = [pending.add(token, 0.0) for token in range(20)]

    settled = []
    for step, which in enumerate(order):
        deliveries[which].confirmed = True
        if step in looks:
            settled += pending.settle()
    settled += pending.settle()

    assert settled == deliveries
    assert len(pending) == 0
