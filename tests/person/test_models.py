"""Whom an object below `models/` names."""

import gzip

import pytest

from sagemaker_training import book as books
from sagemaker_training.book import Book, Entry, shelved
from tests.sagemaker_training.made import better, model
from wardstream.person.models import says
from wardstream.runtime.failure import CannotRun

KEY = "models/books/07/0000000001-ab.json.gz"
BOOK = books.encoded(
    Book(bin=7, entries={"ada": shelved(Entry(user_id="ada"), model("ada"), better())}),
)


def test_a_book_names_its_people_and_not_who_is_called_what_one_of_its_words_is() -> None:
    assert says(KEY, BOOK, "ada")
    assert not says(KEY, BOOK, "bob")
    assert not says(KEY, BOOK, "shadow")
    assert not says(KEY, BOOK, "heart_rate_bpm")


def test_what_is_no_book_names_whom_it_says() -> None:
    for key in (KEY, "models/jobs/one/report.json"):
        assert says(key, gzip.compress(b'["ada"]'), "ada")
        assert says(key, b'{"worst": "ada"}', "ada")
        assert not says(key, b'{"worst": "adam"}', "ada")


def test_what_is_damaged_is_not_taken_for_clean() -> None:
    with pytest.raises(CannotRun, match="is damaged"):
        says(KEY, BOOK[:-9], "ada")
