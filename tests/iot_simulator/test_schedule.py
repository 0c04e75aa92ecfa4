"""Who speaks next."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from iot_simulator.said import Said
from iot_simulator.schedule import Schedule
from tests.iot_simulator.making import START_US, a_message


class Regular:
    """Speaks every `every_us`, and remembers when it did."""

    def __init__(self, every_us: int) -> None:
        self.every_us = every_us
        self.spoke_at: list[int] = []

    def speak(self, since_start_us: int, start_us: int) -> tuple[Sequence[Said], int | None]:
        assert start_us == START_US
        self.spoke_at.append(since_start_us)
        return (a_message(since_start_us),), since_start_us + self.every_us


class Once:
    """Says one thing and no more."""

    def speak(self, since_start_us: int, start_us: int) -> tuple[Sequence[Said], int | None]:
        return (a_message(start_us + since_start_us - START_US),), None


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 1000)), min_size=1, max_size=20))
def test_nobody_starves_however_far_behind_the_schedule_is(voices: list[tuple[int, int]]) -> None:
    schedule = Schedule(START_US)
    regulars = [(first_us, Regular(every_us)) for first_us, every_us in voices]
    for first_us, voice in regulars:
        schedule.add(first_us, voice)

    due = []
    for _ in range(200):
        due.append(schedule.next_voice_us)
        schedule.speak()

    assert all(one is not None and other is not None and one <= other for one, other in pairwise(due))
    reached_us = (due[-1] or 0) - START_US
    for first_us, voice in regulars:
        owed = max(0, (reached_us - 1 - first_us) // voice.every_us + 1)
        assert len(voice.spoke_at) >= owed
        assert voice.spoke_at == [first_us + n * voice.every_us for n in range(len(voice.spoke_at))]


def test_equal_instants_speak_in_the_order_they_were_added() -> None:
    schedule = Schedule(START_US)
    first, second = Regular(10), Regular(10)
    schedule.add(0, first)
    schedule.add(0, second)

    schedule.speak()

    assert (len(first.spoke_at), len(second.spoke_at)) == (1, 0)


def test_a_voice_that_has_nothing_more_to_say_is_not_asked_again() -> None:
    schedule = Schedule(START_US)
    schedule.add(0, Once())

    said = schedule.speak()

    assert len(said) == 1
    assert schedule.next_voice_us is None


def test_held_messages_leave_in_the_order_of_their_instants() -> None:
    schedule = Schedule(START_US)
    for number in (30, 10, 20):
        schedule.hold(a_message(number))

    first_due_us = schedule.next_held_us
    released = [schedule.release().payload for _ in range(3)]

    assert first_due_us == START_US + 10
    assert released == [b"10", b"20", b"30"]
    assert schedule.next_held_us is None
