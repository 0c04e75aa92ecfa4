from string import ascii_letters, digits

from hypothesis import given
from hypothesis import strategies as st

from wardstream.contracts.identity import ID_LENGTH
from wardstream.scoring.seen import REMEMBERED, remember, was_seen
from wardstream.scoring.state import PatientState

_IDS = st.text(ascii_letters + digits + "-_", min_size=ID_LENGTH, max_size=ID_LENGTH)


def _remembered(ids: list[str]) -> PatientState:
    state = PatientState()
    for each in ids:
        remember(state, each)
    return state


def _knows(state: PatientState, id_: str) -> bool:
    return was_seen(state.seen, id_) or was_seen(state.seen_newest, id_)


@given(st.lists(_IDS, max_size=250, unique_by=lambda each: each[:10]), _IDS)
def test_at_least_the_last_ids_are_remembered_and_no_other_is_taken_for_one(
    ids: list[str], other: str
) -> None:
    state = _remembered(ids)

    assert all(_knows(state, each) for each in ids[-REMEMBERED:])
    assert _knows(state, other) <= (other[:10] in {each[:10] for each in ids})
    assert len(state.seen) + len(state.seen_newest) < 1000


def test_an_id_is_not_found_across_two_others() -> None:
    state = _remembered(["abcdefghij0000000000", "klmnopqrst0000000000"])

    assert _knows(state, "klmnopqrst0000000000")
    assert not _knows(state, "fghijklmno0000000000")
