"""Which sessions to open and close follows from what is held and what is assigned."""

from hypothesis import given
from hypothesis import strategies as st

from mqtt_bridge.slots import change

SLOTS = st.frozensets(st.integers(0, 3))


def test_a_new_slot_is_opened_and_a_lost_one_closed() -> None:
    wanted = change(frozenset({0, 1}), frozenset({1, 2}))

    assert wanted.opened == {2}
    assert wanted.closed == {0}


@given(SLOTS, SLOTS)
def test_after_the_change_exactly_the_assigned_slots_are_held(
    held: frozenset[int], assigned: frozenset[int]
) -> None:
    wanted = change(held, assigned)

    assert (held - wanted.closed) | wanted.opened == assigned
    assert not wanted.opened & held
