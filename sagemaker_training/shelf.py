"""The shelf: books and manifests in S3, written so that whatever dies in between leaves what was in force in force.

A change writes the new books first, under names that nothing knows yet, and then the next manifest on the condition that
nobody wrote that number before. That one write is the change. Who loses the race reads what won and begins anew.
"""

import random
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_training import book as books
from sagemaker_training import manifest as manifests
from sagemaker_training.book import Book
from sagemaker_training.manifest import ANNOUNCED, MANIFESTS, NOTHING, Manifest, Place, Why, counted_down
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.logs import logger
from wardstream.runtime.s3_faults import Busy, code, meaning

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")
# A bin's book and the number of the change that is made into the book after it.
Edit = Callable[[Book, int], Book]

# Asked after a change's books are written and before it is in force: whether it still may be.
IsFit = Callable[[], bool]

_TAKEN = {"PreconditionFailed", "412"}
_PATIENCE_S = 120.0
_PAUSE_S = 0.2


class Gone(CannotRun):
    """An object isn't there: somebody was erased since its manifest was read, or it is lost."""


def _always() -> bool:
    return True


class Shelf:
    """The models of one bucket. `CannotRun` says what S3 has against us; while it is only busy, every call waits."""

    def __init__(self, client: "S3Client", bucket: str, region: str) -> None:
        self._client = client
        self._bucket = bucket
        self._region = region

    def newest(self) -> Manifest:
        """What is in force; `manifest.NOTHING` on an empty shelf."""
        number = self._newest_number(MANIFESTS)
        return self.manifest(number) if number else NOTHING

    def manifest(self, number: int) -> Manifest:
        """Manifest `number`; 0 is `manifest.NOTHING`."""
        if number == 0:
            return NOTHING
        key = counted_down(MANIFESTS, number)
        try:
            return manifests.decoded(self._get(key))
        except ValueError as error:
            raise CannotRun(f"{key} can't be read: a newer build wrote it, or it is damaged") from error

    def book(self, manifest: Manifest, number: int) -> Book:
        """The book of bin `number`; an empty one where there is none."""
        place = manifest.books.get(manifests.hexed(number))
        if place is None:
            return Book(bin=number)
        data = self._get(place.key)
        if manifests.digest(data) != place.sha256:
            raise CannotRun(
                f"{place.key} is not what its manifest says: restore it from the bucket's versions"
            )
        try:
            return books.decoded(data)
        except ValueError as error:
            raise CannotRun(f"{place.key} can't be read: a newer build wrote it, or it is damaged") from error

    def book_in_force(self, manifest: Manifest, number: int) -> Book:
        """As `book`, or that of the newest manifest if somebody was erased since `manifest` was the newest."""
        while True:
            try:
                return self.book(manifest, number)
            except Gone:
                newest = self.newest()
                if newest.number == manifest.number:
                    raise
                manifest = newest

    def change(
        self,
        why: Why,
        bins: Iterable[int],
        edit: Edit,
        now_us: Callable[[], int],
        *,
        is_fit: IsFit = _always,
        past: int = 0,
    ) -> Manifest:
        """Puts the books of `bins` as `edit` makes them in force, all or none; the manifest in force afterwards.

        `edit` is asked anew whenever somebody else's change came between, or it is not fit any more. A change that changes nothing
        writes nothing, unless the newest manifest's number is below `past`. Books that were written in vain are removed.
        """
        wanted, written = sorted(bins), set[str]()
        while True:
            before = self.newest()
            after = self._attempt(
                before, why, wanted, edit, now_us, is_fit=is_fit, past=past, written=written
            )
            if after is not None:
                self._clear(written)
                return after
            logger().info("shelf_changed_meanwhile", number=before.number + 1)

    def _attempt(
        self,
        before: Manifest,
        why: Why,
        bins: Iterable[int],
        edit: Edit,
        now_us: Callable[[], int],
        *,
        is_fit: IsFit,
        past: int,
        written: set[str],
    ) -> Manifest | None:
        """The manifest in force afterwards; None if this has to begin anew. Notes down what is `written`."""
        try:
            places = self._placed(before, bins, edit, written)
        except Gone:
            if self.newest().number == before.number:
                raise
            return None
        if not is_fit():
            return None
        # What was written for this number in vain could still come into force with it: taking the number ends that.
        wanted_number = max([past, *(manifests.book_number(key) or 0 for key in written)])
        if not places and before.number >= wanted_number:
            return before
        after = manifests.followed(before, why, now_us(), places)
        is_ours = self._put_new(counted_down(MANIFESTS, after.number), manifests.encoded(after))
        return after if is_ours else None

    def _placed(
        self, before: Manifest, bins: Iterable[int], edit: Edit, written: set[str]
    ) -> dict[str, Place]:
        places = {}
        for number in bins:
            there = self.book(before, number)
            after = edit(there, before.number + 1)
            if after != there:
                place = places[manifests.hexed(number)] = self._put_book(after, before.number + 1)
                written.add(place.key)
        return places

    def _clear(self, written: Iterable[str]) -> None:
        """Removes those of these books that can't come into force any more."""
        for number, keys in manifests.by_number(written).items():
            for key in manifests.in_vain(keys, self.manifest(number)):
                self._patiently(partial(self._client.delete_object, Bucket=self._bucket, Key=key))

    def _put_book(self, book: Book, number: int) -> Place:
        data = books.encoded(book)
        digest = manifests.digest(data)
        key = manifests.book_key(manifests.hexed(book.bin), number, digest)
        # There already: the same bytes, by somebody who died before the manifest.
        self._put_new(key, data)
        return Place(key=key, sha256=digest, people=len(book.entries), active=book.active)

    def announced(self) -> int:
        """The newest manifest that Kafka has been told of; 0 for none."""
        return self._newest_number(ANNOUNCED)

    def mark_announced(self, number: int) -> None:
        """Kafka has confirmed everything up to manifest `number`."""
        self._put_new(counted_down(ANNOUNCED, number), b"{}")

    def _newest_number(self, folder: str) -> int:
        answer = self._patiently(
            lambda: self._client.list_objects_v2(Bucket=self._bucket, Prefix=folder, MaxKeys=1)
        )
        found = answer.get("Contents", [])
        return manifests.number_of(found[0]["Key"]) if found else 0

    def _get(self, key: str) -> bytes:
        def read() -> bytes:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()

        return self._patiently(read, key)

    def _put_new(self, key: str, body: bytes) -> bool:
        """Writes an object that isn't there yet; False if another's is. An answer that got lost is found out."""
        try:
            self._patiently(
                lambda: self._client.put_object(Bucket=self._bucket, Key=key, Body=body, IfNoneMatch="*")
            )
        except ClientError as error:
            if code(error) not in _TAKEN:
                raise
            return self._get(key) == body
        return True

    def _patiently(self, call: Callable[[], T], key: str = "") -> T:
        """The answer, waited for while S3 is busy; `CannotRun` for what waiting won't mend."""
        until_s = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return call()
            except (ClientError, BotoCoreError) as error:
                if isinstance(error, ClientError) and code(error) in {"NoSuchKey", *_TAKEN}:
                    if code(error) == "NoSuchKey":
                        raise Gone(
                            f"{key} is gone: run this again; if it still is, restore it from the bucket's versions"
                        ) from error
                    raise
                why = meaning(error, self._bucket, self._region)
                if not isinstance(why, Busy):
                    raise why from error
                if time.monotonic() > until_s:
                    raise CannotRun(f"S3 is not back after {_PATIENCE_S:g} s ({why})") from error
                logger().warning("shelf_waits", answer=str(why))
            time.sleep(_PAUSE_S * (1 + random.random()))  # noqa: S311 -- jitter, no secret


def everything(shelf: Shelf, manifest: Manifest) -> Mapping[int, Book]:
    """All books of a manifest, by bin; without whom an erasure removed since."""
    return {int(name, 16): shelf.book_in_force(manifest, int(name, 16)) for name in manifest.books}
