"""The shelf and the publisher on real servers: whatever dies in between leaves what was in force in force."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagemaker_training import book as books
from sagemaker_training import manifest as manifests
from sagemaker_training.book import Book
from sagemaker_training.manifest import Place
from sagemaker_training.operating import promote, roll_back
from sagemaker_training.publish import publish
from sagemaker_training.shards import bin_of
from sagemaker_training.shelf import Shelf
from sagemaker_training.train import Candidate, shelve
from tests.sagemaker_training.made import better, model, no_better
from tests.sagemaker_training.own_shelf import OwnShelf, own_shelf
from wardstream.contracts import wire
from wardstream.contracts.topics import USER_MODELS
from wardstream.local.addresses import Addresses
from wardstream.repartition.reading import reader
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka import KafkaSettings

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]


@pytest.fixture
def own(servers: Addresses, tmp_path: Path) -> Iterator[OwnShelf]:
    with own_shelf(servers, tmp_path) as made:
        yield made


@pytest.fixture
def settings(servers: Addresses) -> KafkaSettings:
    return KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap)


def _somebody() -> str:
    return f"person-{uuid.uuid4().hex[:10]}"


def _train(shelf: Shelf, *users: str, is_held: bool = False) -> int:
    found = [Candidate(model(user), better(_version(shelf, user))) for user in users]
    return shelve(shelf, found, lambda: 5, is_held=is_held).number


def _version(shelf: Shelf, user: str) -> int:
    entry = shelf.book(shelf.newest(), bin_of(user)).entries.get(user)
    return entry.active_version if entry else 0


def _told(settings: KafkaSettings, user: str) -> list[int]:
    """The versions in `user-models` about somebody, in order; 0 is a tombstone."""
    with reader(settings, "tests-models") as source:
        return [
            wire.user_model(value).version if (value := record.value()) else 0
            for number in range(8)
            for record in source.records(USER_MODELS.name, number)
            if record.key() == user.encode()
        ]


class _Dies(Exception):  # noqa: N818 -- no fault of ours
    """The process ends here."""


class _DyingShelf(Shelf):
    """Dies where it is told to: before the `lives`th object is written."""

    lives = 0

    def _put_new(self, key: str, body: bytes) -> bool:
        if self.lives == 0:
            raise _Dies
        self.lives -= 1
        return super()._put_new(key, body)


def test_a_training_that_dies_before_its_manifest_has_changed_nothing(own: OwnShelf) -> None:
    users = [_somebody() for _ in range(3)]
    first = _train(own.shelf, *users)
    writes = len({bin_of(user) for user in users})

    for lives in range(writes + 1):
        dying = _DyingShelf(own.s3, own.bucket, own.servers.region)
        dying.lives = lives
        with pytest.raises(_Dies):
            _train(dying, *users)
        assert [_version(own.shelf, user) for user in users] == [first] * 3

    assert _train(own.shelf, *users) == first + 1
    assert [_version(own.shelf, user) for user in users] == [first + 1] * 3


def test_of_two_changes_at_once_both_count(own: OwnShelf) -> None:
    ada, bob = _somebody(), _somebody()
    other = Shelf(own.s3, own.bucket, own.servers.region)
    came_between = [bob]

    def edit(book: Book, number: int) -> Book:
        while came_between:
            _train(other, came_between.pop())
        return books.changed(book, [ada], lambda entry: books.shelved(entry, model(ada, number), better()))

    manifest = own.shelf.change("training", [bin_of(ada)], edit, lambda: 5)

    assert manifest.number == 2
    assert _version(own.shelf, bob) == 1
    shadow = own.shelf.book(manifest, bin_of(ada)).entries[ada].of("shadow")
    assert shadow is not None
    assert shadow.model.version == 2


def test_a_damaged_book_is_never_used(own: OwnShelf) -> None:
    user = _somebody()
    _train(own.shelf, user)
    place: Place = own.shelf.newest().books[manifests.hexed(bin_of(user))]

    own.s3.put_object(Bucket=own.bucket, Key=place.key, Body=b"other bytes")

    with pytest.raises(CannotRun, match="is not what its manifest says"):
        own.shelf.book(own.shelf.newest(), bin_of(user))


def test_kafka_hears_each_change_once_and_a_rollback_as_a_tombstone_and_the_version_before(
    own: OwnShelf, settings: KafkaSettings
) -> None:
    ada, bob = _somebody(), _somebody()
    _train(own.shelf, ada, bob)
    assert publish(settings, own.shelf) == 2
    assert publish(settings, own.shelf) == 0
    _train(own.shelf, ada, bob)
    assert publish(settings, own.shelf) == 2

    one = roll_back(settings, own.shelf, ada)
    everybody = roll_back(settings, own.shelf, None)

    assert (one.people, everybody.people) == (1, 2)
    assert _told(settings, ada) == [1, 2, 0, 1, 0]
    assert _told(settings, bob) == [1, 2, 0, 1]
    assert (_version(own.shelf, ada), _version(own.shelf, bob)) == (0, 1)


def test_what_a_dead_publisher_may_have_said_is_taken_back_by_the_next(
    own: OwnShelf, settings: KafkaSettings
) -> None:
    user = _somebody()
    _train(own.shelf, user)
    publish(settings, own.shelf)
    _train(own.shelf, user)
    silent = _DyingShelf(own.s3, own.bucket, own.servers.region)
    with pytest.raises(_Dies):
        publish(settings, silent)

    roll_back(settings, own.shelf, user)

    assert _told(settings, user) == [1, 2, 0, 1]


def test_who_was_rolled_back_keeps_the_old_version_until_promoted(
    own: OwnShelf, settings: KafkaSettings
) -> None:
    user, careful = _somebody(), _somebody()
    _train(own.shelf, user)
    _train(own.shelf, user)
    roll_back(settings, own.shelf, user)

    held = _train(own.shelf, user)
    shadowed = _train(own.shelf, careful, is_held=True)
    before = (_version(own.shelf, user), _version(own.shelf, careful))
    promote(settings, own.shelf, None)

    assert before == (1, 0)
    assert (_version(own.shelf, user), _version(own.shelf, careful)) == (held, shadowed)
    assert _told(settings, user)[-1] == held


def test_a_verdict_against_what_is_not_in_force_any_more_is_void(own: OwnShelf) -> None:
    user = _somebody()
    _train(own.shelf, user)

    shelve(own.shelf, [Candidate(model(user), better(current_version=7))], lambda: 5, is_held=False)
    shelve(own.shelf, [Candidate(model(user), no_better(current_version=1))], lambda: 5, is_held=False)

    assert _version(own.shelf, user) == 1
