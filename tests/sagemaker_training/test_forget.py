"""A person is erased while trainings run, on the real servers: no model keeps them, nor brings them back; others keep theirs."""

import gzip
import json
import uuid
from collections.abc import Callable, Collection, Iterator
from datetime import date
from pathlib import Path

import pytest

from sagemaker_training import manifest as manifests
from sagemaker_training.book import Entry
from sagemaker_training.forget import barred_by, forget
from sagemaker_training.operating import entry_of, roll_back
from sagemaker_training.publish import publish
from sagemaker_training.shards import bin_of
from sagemaker_training.shelf import Shelf
from sagemaker_training.train import Candidate, shelve
from tests.sagemaker_training.made import better, model
from tests.sagemaker_training.own_shelf import OwnShelf, own_shelf
from wardstream.contracts import wire
from wardstream.contracts.topics import USER_MODELS
from wardstream.lake import source
from wardstream.local.addresses import Addresses
from wardstream.person import deeds
from wardstream.person.erase import erase, go_on
from wardstream.person.journal import Journal, Journals
from wardstream.person.models import naming
from wardstream.person.receipt import receipt, text
from wardstream.person.settings import PersonSettings
from wardstream.repartition.reading import reader

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]
REQUEST = "request-1"
REPORT = "models/jobs/one/report.json"
_SINCE = date(2025, 11, 1)


class Home:
    """A shelf, and an erasure of one of the people on it."""

    def __init__(self, own: OwnShelf) -> None:
        self.own = own
        self.settings = PersonSettings(
            kafka_bootstrap=own.servers.kafka_bootstrap,
            aws_endpoint_url_s3=own.servers.s3_endpoint,
            aws_endpoint_url_dynamodb=own.servers.dynamodb_endpoint,
            aws_region=own.servers.region,
            lake_bucket=own.bucket,
            # No sink is here that could be waited for.
            anomalies_topic="",
            alarms_topic="",
        )
        self.bucket = source.bucket(self.settings)
        self.ada, self.bob = _of_one_bin()

    def open_erasure(self) -> None:
        # What comes before the lake is another test's: nobody of these was ever in Kafka or DynamoDB.
        Journals(self.bucket).open(
            Journal(
                request=REQUEST,
                subject=deeds.subject(self.ada, REQUEST),
                opened_at="2025-11-09T00:00:00+00:00",
                user_id=self.ada,
                devices=(),
                readings_before=0,
                forgotten_at=0,
                anomalies=0,
                alarms=0,
            )
        )

    def erase(self) -> Journal:
        return erase(self.settings, self.ada, REQUEST, lambda _: None)

    def train(self, shelf: Shelf | None = None, barred: "Barred | None" = None) -> int:
        """Both are better than what is in force."""
        shelf = shelf or self.own.shelf
        entries = shelf.book(shelf.newest(), bin_of(self.ada)).entries
        found = [
            Candidate(model(user), better(entries.get(user, Entry(user_id=user)).active_version))
            for user in (self.ada, self.bob)
        ]
        barred = barred or barred_by(self.bucket, _SINCE)
        return shelve(shelf, found, lambda: 5, is_held=False, barred=barred).number

    def publish(self) -> int:
        return publish(self.settings, self.own.shelf)

    def forget(self, tell: Callable[[], object] | None = None) -> tuple[int, int]:
        """How many objects were removed, and how many left."""
        done = forget(self.bucket, self.own.shelf, tell or self.publish, lambda: 6)
        return done.removed, done.left

    def naming(self, user: str) -> list[str]:
        return naming(self.bucket, user)

    def told(self, user: str) -> list[int]:
        """The versions in `user-models` about somebody, in order; 0 is a tombstone."""
        with reader(self.settings, "tests-models") as there:
            return [
                wire.user_model(value).version if (value := record.value()) else 0
                for number in range(8)
                for record in there.records(USER_MODELS.name, number)
                if record.key() == user.encode()
            ]


Barred = Callable[[Collection[str]], frozenset[str]]


def _of_one_bin() -> tuple[str, str]:
    ada = f"ada-{uuid.uuid4().hex[:10]}"
    bobs = (f"bob-{uuid.uuid4().hex[:10]}" for _ in iter(int, 1))
    return ada, next(bob for bob in bobs if bin_of(bob) == bin_of(ada))


@pytest.fixture
def home(servers: Addresses, tmp_path: Path) -> Iterator[Home]:
    with own_shelf(servers, tmp_path) as made:
        yield Home(made)


def test_the_next_training_writes_the_person_out_and_the_erasure_is_done(home: Home) -> None:
    home.train()
    home.train()
    home.publish()
    home.own.s3.put_object(
        Bucket=home.own.bucket, Key=REPORT, Body=gzip.compress(json.dumps([home.ada]).encode())
    )
    bob = entry_of(home.own.shelf, home.bob)
    home.open_erasure()
    waiting = home.erase()

    home.own.trained(before=date(2025, 11, 9), days=2)
    (done,) = go_on(home.settings, lambda _: None)

    assert (waiting.done_at, len(waiting.models), waiting.models[-1]) == (None, 3, REPORT)
    assert "trained models name this person" in text(receipt(waiting))
    assert text(receipt(done)).startswith(f"Erasure {REQUEST}: done ")
    assert home.naming(home.ada) == []
    assert home.told(home.ada) == [2, 0]
    # Everybody else keeps what they have, and can go back to what they had in the books that are gone.
    assert entry_of(home.own.shelf, home.bob) == bob
    assert roll_back(home.settings, home.own.shelf, home.bob).people == 1
    assert home.told(home.bob) == [2, 0, 1]


def test_what_kafka_was_not_told_of_stays_until_it_is_and_a_killed_one_is_done_again(home: Home) -> None:
    home.train()
    home.publish()
    home.train()
    home.open_erasure()

    untold = [home.forget(lambda: None) for _ in range(2)]
    with pytest.raises(_Dies):
        home.forget(_dies)
    told = home.own.command("models", "forget")

    assert untold == [(0, 2), (0, 2)]
    assert told.stdout.endswith("forgot 1 people (change 3): 2 objects removed\n")
    assert home.own.command("models", "publish").stdout.endswith("published 0 people's models\n")
    assert home.own.shelf.newest().number == 3
    assert home.erase().done_at is not None
    assert home.told(home.ada) == [1, 0]
    assert home.told(home.bob) == [1, 2]


def test_a_training_that_read_the_person_before_does_not_bring_them_back(home: Home) -> None:
    home.train()
    home.publish()
    asked: list[Collection[str]] = []

    def erased_meanwhile(people: Collection[str]) -> frozenset[str]:
        # The books are written after the first answer; the person is erased before the second.
        asked.append(people)
        if len(asked) == 1:
            return frozenset()
        if len(asked) == 2:
            home.open_erasure()
            home.forget()
            assert home.erase().done_at is not None
        return barred_by(home.bucket, _SINCE)(people)

    number = home.train(barred=erased_meanwhile)

    assert home.naming(home.ada) == []
    assert home.own.version(home.bob) == number
    # Its readings may be what was removed, for as long as the dates that are read reach back before the erasure.
    later = home.train()
    assert home.naming(home.ada) == []
    assert home.own.version(home.bob) == later


class _LateShelf(Shelf):
    """Somebody else is quicker: just before a manifest is written, once."""

    meanwhile: Callable[[], object] | None = None

    def _put_new(self, key: str, body: bytes) -> bool:
        if key.startswith(manifests.MANIFESTS) and self.meanwhile is not None:
            first, self.meanwhile = self.meanwhile, None
            first()
        return super()._put_new(key, body)


def test_a_training_about_to_put_the_person_in_force_is_overtaken(home: Home) -> None:
    late = _LateShelf(home.own.s3, home.own.bucket, home.own.servers.region)
    left: list[str] = []

    def erased() -> None:
        home.open_erasure()
        left.extend(home.erase().models)
        assert home.forget() == (1, 0)
        assert home.erase().done_at is not None

    late.meanwhile = erased
    home.train(late)

    # The book that only lay ready was seen by the erasure.
    assert len(left) == 1
    assert home.naming(home.ada) == []
    assert home.own.version(home.bob) == home.own.shelf.newest().number == 2


def test_books_of_a_killed_training_go_with_the_next_one(home: Home) -> None:
    home.train()
    home.publish()
    home.open_erasure()
    home.forget()
    assert home.erase().done_at is not None
    late = _LateShelf(home.own.s3, home.own.bucket, home.own.servers.region)
    late.meanwhile = _dies
    with pytest.raises(_Dies):
        home.train(late, lambda _: frozenset())
    assert len(home.naming(home.ada)) == 1

    home.train()
    home.forget()

    assert home.naming(home.ada) == []


class _Dies(Exception):  # noqa: N818 -- no fault of ours
    """The process ends here."""


def _dies() -> None:
    raise _Dies
