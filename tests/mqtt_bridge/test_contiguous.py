"""No gap is ever acknowledged, whatever the order, the repetitions and the restarts."""

from hypothesis import given
from hypothesis import strategies as st

from mqtt_bridge import contiguous
from mqtt_bridge.contiguous import MOST_BOOTS, MOST_RUNS, Progress
from mqtt_bridge.due import Due
from wardstream.contracts.ack import Ack

numbers = st.lists(st.tuples(st.sampled_from([7, 8]), st.integers(1, 40)), max_size=120)


def _whole(seen: set[tuple[int, int]], boot: int) -> int:
    last = 0
    while (boot, last + 1) in seen:
        last += 1
    return last


def _acked(progress: Progress, boot: int) -> int:
    ack = progress.ack(boot)
    return ack.seq if ack else 0


@given(numbers)
def test_exactly_what_is_whole_is_acknowledged_at_every_moment(arrivals: list[tuple[int, int]]) -> None:
    progress, seen = Progress(), set[tuple[int, int]]()

    for boot, number in arrivals:
        progress.add(boot, number)
        seen.add((boot, number))

        assert [_acked(progress, boot) for boot in (7, 8)] == [_whole(seen, boot) for boot in (7, 8)]


@given(numbers, st.lists(st.integers(0, 120), max_size=4), st.integers(0, 10))
def test_restored_and_reading_some_again_equals_never_stopped(
    arrivals: list[tuple[int, int]], restarts: list[int], again: int
) -> None:
    unbroken, restarted = Progress(), Progress()
    for boot, number in arrivals:
        unbroken.add(boot, number)

    for place, (boot, number) in enumerate(arrivals):
        restarted.add(boot, number)
        if place in restarts:
            # A row is written, the process dies, and its successor begins some records before.
            restarted = contiguous.decode(contiguous.encode(restarted))
            for earlier in arrivals[max(0, place - again) : place + 1]:
                restarted.add(*earlier)

    for boot in (7, 8):
        assert restarted.ack(boot) == unbroken.ack(boot)


def test_a_boot_that_begins_anew_does_not_touch_what_is_known_of_the_old_one() -> None:
    progress = Progress()
    for number in (1, 2, 3):
        progress.add(1, number)

    progress.add(2, 1)
    progress.add(1, 4)

    assert (progress.ack(1), progress.ack(2)) == (Ack(1, 4), Ack(2, 1))


def test_a_boot_whose_first_number_is_missing_is_not_acknowledged() -> None:
    progress = Progress()

    progress.add(1, 2)
    progress.add(1, 0)

    assert progress.ack(1) is None


def test_what_is_remembered_of_a_device_is_bounded_and_forgetting_acknowledges_nothing() -> None:
    progress = Progress()

    for number in range(3, 10_000, 2):
        progress.add(1, number)
    for boot in range(2, 100):
        progress.add(boot, 5)
    progress.add(1, 1)
    progress.add(1, 2)

    assert len(contiguous.encode(progress)) < 50 * (MOST_RUNS + MOST_BOOTS)
    assert len(progress.boots) <= MOST_BOOTS
    assert progress.ack(1) == Ack(1, 2)


def test_a_device_is_told_at_most_once_in_so_many_seconds_and_of_every_boot_in_turn() -> None:
    due = Due(1.0)
    due.note("a", 1)
    due.note("a", 2)
    due.note("b", 1)

    first = list(due.take(10.0))
    due.note("b", 1)

    assert first == [("a", 1), ("b", 1)]
    assert list(due.take(10.9)) == []
    assert list(due.take(11.0)) == [("a", 2), ("b", 1)]
