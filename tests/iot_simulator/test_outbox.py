"""What waits while a connection is away, and how long until it is dialled again."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from iot_simulator import backoff
from iot_simulator.outbox import Outbox
from tests.iot_simulator.making import START_US, a_message


@given(st.integers(1, 50), st.integers(0, 100))
def test_a_full_outbox_keeps_the_oldest_in_order_and_refuses_the_newest(capacity: int, offered: int) -> None:
    outbox = Outbox(capacity)

    taken_in = [outbox.offer(a_message(number)) for number in range(offered)]

    kept = min(capacity, offered)
    assert taken_in == [True] * kept + [False] * (offered - kept)
    assert [outbox.take().payload for _ in range(len(outbox))] == [f"{n}".encode() for n in range(kept)]


def test_an_outbox_knows_when_its_oldest_should_have_left() -> None:
    outbox = Outbox(5)
    empty = outbox.oldest_us

    outbox.offer(a_message(7))
    outbox.offer(a_message(8))

    assert empty is None
    assert outbox.oldest_us == START_US + 7


@given(st.integers(1, 10_000), st.integers())
def test_every_wait_is_between_a_quarter_and_thirty_seconds(failures: int, seed: int) -> None:
    assert 0.25 <= backoff.delay_s(failures, Random(seed)) <= 30.0


def test_waits_grow_with_failures_and_differ_between_connections() -> None:
    first = [backoff.delay_s(1, Random(seed)) for seed in range(100)]
    fifth = [backoff.delay_s(5, Random(seed)) for seed in range(100)]

    assert max(first) <= 0.5
    assert min(fifth) >= 4.0
    assert len(set(first)) == 100
