"""The shelf's objects: once written, readable for ever."""

import gzip
from pathlib import Path

from sagemaker_training import book as books
from sagemaker_training import manifest as manifests
from sagemaker_training.book import Book, Entry, promoted, shelved
from sagemaker_training.manifest import Manifest, Place
from tests.sagemaker_training.made import better, model, no_better

_GOLDEN = Path(__file__).parents[1] / "golden"

BOOK = Book(
    bin=147,
    entries={
        "ada": shelved(
            promoted(
                shelved(
                    promoted(shelved(Entry(user_id="ada"), model(version=1), better())),
                    model(version=4),
                    better(1),
                )
            ),
            model(version=5),
            no_better(4),
        )
    },
)
MANIFEST = Manifest(
    number=5,
    made_at_us=1762597425123456,
    why="training",
    books={"93": Place(key=manifests.book_key("93", 5, "ab" * 32), sha256="ab" * 32, people=1, active=1)},
)


def test_a_book_is_written_and_read_as_ever() -> None:
    golden = (_GOLDEN / "models_book_v1.json").read_bytes()

    assert gzip.decompress(books.encoded(BOOK)) == golden
    assert books.decoded(gzip.compress(golden)) == BOOK


def test_a_manifest_is_written_and_read_as_ever() -> None:
    golden = (_GOLDEN / "models_manifest_v1.json").read_bytes()

    assert manifests.encoded(MANIFEST) == golden
    assert manifests.decoded(golden) == MANIFEST


def test_the_newest_manifest_is_listed_first() -> None:
    keys = [manifests.counted_down(manifests.MANIFESTS, number) for number in (1, 9, 10, 11_000)]

    assert sorted(keys, reverse=True) == keys
    assert [manifests.number_of(key) for key in keys] == [1, 9, 10, 11_000]
