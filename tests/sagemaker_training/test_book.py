"""Which version is in force, and how that changes."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_training import book as books
from sagemaker_training.book import Book, Entry, promoted, rolled_back, shelved
from tests.sagemaker_training.made import better, model

_NOBODY = Entry(user_id="ada")


def _trained(entry: Entry, version: int) -> Entry:
    return promoted(shelved(entry, model(version=version), better(entry.active_version)))


def _states(entry: Entry) -> dict[int, str]:
    return {kept.model.version: kept.state for kept in entry.kept}


def test_a_version_is_a_shadow_then_in_force_then_retired() -> None:
    shadow = shelved(_NOBODY, model(version=1), better())
    active = promoted(shadow)
    retired = _trained(active, 2)

    assert _states(shadow) == {1: "shadow"}
    assert _states(active) == {1: "active"}
    assert _states(retired) == {1: "retired", 2: "active"}


def test_going_back_brings_exactly_what_was_in_force_before() -> None:
    before = _trained(_NOBODY, 4)

    after = rolled_back(_trained(before, 9))

    assert after.of("active") == before.of("active")
    assert _states(after) == {4: "active", 9: "retired"}


def test_going_back_from_the_first_version_leaves_none() -> None:
    after = rolled_back(_trained(_NOBODY, 1))

    assert after.active_version == 0
    assert rolled_back(after) == after


def test_who_was_rolled_back_is_held_until_promoted() -> None:
    held = rolled_back(_trained(_trained(_NOBODY, 1), 2))

    later = shelved(held, model(version=3), better(1))

    assert (later.is_held, later.active_version) == (True, 1)
    assert (promoted(later).is_held, promoted(later).active_version) == (False, 3)


def test_a_new_shadow_takes_the_place_of_the_old_one() -> None:
    entry = shelved(shelved(_NOBODY, model(version=1), better()), model(version=2), better())

    assert _states(entry) == {2: "shadow"}


@given(st.lists(st.sampled_from(["train", "shelve", "promote", "rollback"]), max_size=40))
def test_whatever_happens_one_version_at_most_is_in_force_and_numbers_are_never_reused(
    steps: list[str],
) -> None:
    entry, meanings = _NOBODY, dict[int, object]()
    for number, step in enumerate(steps, start=1):
        if step in ("train", "shelve"):
            entry = shelved(entry, model(version=number, bpm=50 + number), better(entry.active_version))
        if step in ("train", "promote"):
            entry = promoted(entry)
        if step == "rollback":
            entry = rolled_back(entry)

        states = [kept.state for kept in entry.kept]
        assert states.count("active") <= 1
        assert states.count("shadow") <= 1
        assert len(entry.kept) <= 6
        for kept in entry.kept:
            assert meanings.setdefault(kept.model.version, kept.model) == kept.model


def test_a_book_comes_back_from_its_bytes_and_equal_books_have_equal_bytes() -> None:
    book = Book(bin=7, entries={"ada": _trained(_NOBODY, 1), "bob": Entry(user_id="bob")})
    other = Book(bin=7, entries=dict(reversed(book.entries.items())))

    assert books.decoded(books.encoded(book)) == book
    assert books.encoded(book) == books.encoded(other)


def test_only_those_who_change_change() -> None:
    book = Book(bin=7, entries={"ada": _trained(_NOBODY, 1), "bob": _trained(Entry(user_id="bob"), 1)})

    after = books.changed(book, ["ada", "nobody"], rolled_back)

    assert after.entries["bob"] == book.entries["bob"]
    assert after.entries.keys() == {"ada", "bob"}
    assert after.entries["ada"].active_version == 0
    assert msgspec.structs.replace(after, entries=book.entries) == book
