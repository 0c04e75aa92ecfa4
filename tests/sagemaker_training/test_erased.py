"""Who is forgotten, who is kept from being learned anew, and what may go from the shelf for it."""

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sagemaker_training import book as books
from sagemaker_training import manifest as manifests
from sagemaker_training.announce import heights
from sagemaker_training.book import Book, Entry, promoted, rolled_back, shelved
from sagemaker_training.erased import barred, pending, removable
from sagemaker_training.manifest import NOTHING, Manifest, Place
from tests.sagemaker_training.made import better, model
from wardstream.person.deeds import subject
from wardstream.person.journal import Journal

_PEOPLE = ("ada", "bob", "cy")
_FEW = st.frozensets(st.sampled_from(_PEOPLE))
_STEPS = st.lists(st.sampled_from(["train", "back", "publish", "erase", "lose"]), max_size=25)


def _journal(user: str, done_at: str | None = None, request: str = "r1") -> Journal:
    return Journal(
        request=request,
        subject=subject(user, request),
        opened_at="2025-11-01T00:00:00+00:00",
        user_id=None if done_at else user,
        done_at=done_at,
    )


class Room:
    """A shelf of one bin in memory: the objects that there are, and what Kafka was told of."""

    def __init__(self) -> None:
        self.chain: list[Manifest] = [NOTHING]
        self.objects: dict[str, Book] = {}
        self.announced = 0

    @property
    def newest(self) -> Book:
        return self.book(self.chain[-1])

    def book(self, manifest: Manifest) -> Book:
        place = manifest.books.get("00")
        return self.objects[place.key] if place else Book(bin=0)

    def put(self, book: Book) -> str:
        """A book for the next manifest, which nothing names yet."""
        number, digest = self.chain[-1].number + 1, manifests.digest(books.encoded(book))
        key = manifests.book_key("00", number, digest)
        self.objects[key] = book
        return key

    def change(self, book: Book) -> None:
        place = Place(key=self.put(book), sha256="", people=len(book.entries), active=book.active)
        self.chain.append(manifests.followed(self.chain[-1], "training", 0, {"00": place}))

    def train(self) -> None:
        number = self.chain[-1].number + 1

        def taken_in(entry: Entry) -> Entry:
            return promoted(
                shelved(entry, model(entry.user_id, version=number), better(entry.active_version))
            )

        self.change(books.changed(self.newest, _PEOPLE, taken_in))

    def back(self) -> None:
        self.change(books.changed(self.newest, self.newest.entries, rolled_back))

    def publish(self) -> None:
        """As the publisher does: every book that Kafka isn't told of is read."""
        heights(pairwise([self.book(each) for each in self.chain[self.announced :]]))
        self.announced = self.chain[-1].number

    def lose(self) -> None:
        """Somebody wrote a book and was killed."""
        self.put(
            books.changed(
                self.newest, ["ada"], lambda entry: shelved(entry, model(version=1, bpm=77), better())
            )
        )

    def erase(self, user: str = "ada") -> list[str]:
        """What of the objects that name somebody is still there once the manifest is moved on."""
        if any(user in book.entries for book in self.objects.values()):
            self.change(books.without(self.newest, {user}))
        for key in removable(self._naming(user), self.chain[self.announced :]):
            del self.objects[key]
        return self._naming(user)

    def _naming(self, user: str) -> list[str]:
        return [key for key, book in self.objects.items() if user in book.entries]


@given(_STEPS)
def test_once_kafka_is_told_an_erasure_leaves_no_book_that_names_the_person_and_takes_none_that_is_needed(
    steps: list[str],
) -> None:
    room = Room()
    for step in steps:
        getattr(room, step)()
        # Everything that is still to be told, and that can be gone back to, is there.
        assert [room.book(each) for each in room.chain[room.announced :]]
    before = books.without(room.newest, {"ada"})

    room.erase()
    room.publish()

    assert room.erase() == []
    assert room.newest == before
    assert books.changed(room.newest, ["bob", "cy"], rolled_back) == books.changed(
        before, ["bob", "cy"], rolled_back
    )


@given(_FEW, _FEW, _FEW)
def test_who_is_being_erased_or_was_since_the_first_date_gets_no_model_and_nobody_else_is_kept_from_it(
    now: frozenset[str], lately: frozenset[str], long_ago: frozenset[str]
) -> None:
    journals = [
        *(_journal(name, request=f"now-{name}") for name in now),
        *(_journal(name, "2025-11-20T00:00:00+00:00", f"lately-{name}") for name in lately),
        *(_journal(name, "2025-11-19T23:59:59+00:00", f"long-ago-{name}") for name in long_ago),
    ]

    assert pending(journals) == now
    assert barred(_PEOPLE, journals, date(2025, 11, 20)) == now | lately


def test_what_names_no_people_or_may_still_come_into_force_is_never_removed() -> None:
    later = manifests.book_key("00", 2, "ab" * 32)
    result = "models/jobs/one/report.json"
    named = [
        result,
        later,
        manifests.counted_down(manifests.MANIFESTS, 1),
        manifests.counted_down(manifests.ANNOUNCED, 1),
    ]

    assert removable(named, [NOTHING, manifests.followed(NOTHING, "erasure", 0, {})]) == [result]
