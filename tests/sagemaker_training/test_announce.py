"""What Kafka is told, against what a processor makes of it."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sagemaker_training.announce import Letter, heights, letters
from sagemaker_training.book import Book, Entry, promoted, rolled_back, shelved, without
from tests.sagemaker_training.made import better, model
from wardstream.contracts import wire
from wardstream.scoring.scorer import forget_model, take_model
from wardstream.scoring.state import PatientState

_EMPTY = Book(bin=0)


def _trained(book: Book, version: int) -> Book:
    entry = book.entries.get("ada") or Entry(user_id="ada")
    return Book(
        bin=0, entries={"ada": promoted(shelved(entry, model(version=version), better(entry.active_version)))}
    )


def _back(book: Book) -> Book:
    return Book(bin=0, entries={name: rolled_back(entry) for name, entry in book.entries.items()})


def _after(step: str, book: Book, number: int) -> Book:
    return {"train": _trained(book, number), "back": _back(book), "erase": without(book, {"ada"})}[step]


def _said(*chain: Book) -> list[Letter]:
    return [letter for group in letters(heights(pairwise(chain)), chain[-1]) for letter in group]


def _told(state: PatientState, said: list[Letter]) -> int:
    for letter in said:
        if letter.value is None:
            forget_model(state)
        else:
            take_model(state, wire.user_model(letter.value))
    return state.model_version


def test_a_new_version_is_one_message() -> None:
    first = _trained(_EMPTY, 1)

    assert _said(_EMPTY, first) == [Letter("ada", wire.encode(model(version=1)))]
    assert _said(first, first) == []


def test_going_back_is_a_tombstone_and_the_version_before() -> None:
    first = _trained(_EMPTY, 1)
    second = _trained(first, 2)

    assert _said(second, _back(second)) == [Letter("ada", None), Letter("ada", wire.encode(model(version=1)))]
    assert _said(first, _back(first)) == [Letter("ada", None)]


def test_who_was_erased_is_a_tombstone_and_not_learned_again_from_what_was_untold() -> None:
    first = _trained(_EMPTY, 1)

    assert _said(_EMPTY, first, without(first, {"ada"})) == [Letter("ada", None)]
    assert _said(first, without(first, {"ada"})) == [Letter("ada", None)]


def test_a_version_that_came_and_went_untold_may_have_been_told_all_the_same() -> None:
    # The publisher of version 2 died before it could note that Kafka had it.
    first = _trained(_EMPTY, 1)
    second = _trained(first, 2)
    processor = PatientState()
    _told(processor, [*_said(_EMPTY, first), *_said(first, second)])

    version = _told(processor, _said(first, second, _back(second)))

    assert version == 1


@given(
    st.lists(st.sampled_from(["train", "back", "erase"]), min_size=1, max_size=12),
    st.lists(st.booleans(), min_size=12, max_size=12),
    st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_a_processor_ends_with_what_is_in_force_whenever_publishers_die(
    steps: list[str], speaks: list[bool], notes: list[bool]
) -> None:
    chain, noted, processor = [_EMPTY], 0, PatientState()
    for number, step in enumerate(steps, start=1):
        chain.append(_after(step, chain[-1], number))
        if speaks[number - 1]:
            _told(processor, _said(*chain[noted:]))
            noted = len(chain) - 1 if notes[number - 1] else noted

    _told(processor, _said(*chain[noted:]))

    active = chain[-1].entries["ada"].active_version if chain[-1].entries else 0
    assert processor.model_version == active
