"""Whom training must forget and not learn anew, and what may go from the shelf for it. Pure.

Journals of erasures say who: while one is open by the person's id, once it is done only by a hash that those can check who
have the id at hand.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sagemaker_training.manifest import ANNOUNCED, MANIFESTS, Manifest, book_number
from wardstream.person.deeds import subject
from wardstream.person.journal import Journal


def pending(journals: Iterable[Journal]) -> frozenset[str]:
    """Who is being erased."""
    return frozenset(each.user_id for each in journals if each.done_at is None and each.user_id is not None)


def barred(people: Collection[str], journals: Collection[Journal], since: date) -> frozenset[str]:
    """Who of `people` must not get a model from readings measured on `since` (UTC) and later.

    They are being erased, or were on that date or after it: what was read may be what the erasure removed. Whoever goes on under the
    same id is somebody new, and learned once all dates lie after it.
    """
    found = pending(journals) & frozenset(people)
    for each in journals:
        if each.done_at is not None and datetime.fromisoformat(each.done_at).date() >= since:
            found |= {name for name in people if subject(name, each.request) == each.subject}
    return found


def highest(keys: Iterable[str]) -> int:
    """The highest change that one of these books was made for; 0 if there is none."""
    return max((book_number(key) or 0 for key in keys), default=0)


def removable(named: Iterable[str], untold: Collection[Manifest]) -> list[str]:
    """Which of the objects that name somebody erased can go: nobody needs them to know what is in force, or what to tell Kafka.

    `untold`: the manifest that Kafka was last told of, and all after it up to the newest. A book of a higher number than the newest
    could still come into force; manifests and marks name no people.
    """
    needed = {place.key for each in untold for place in each.books.values()}
    newest = max((each.number for each in untold), default=0)
    return sorted(
        key
        for key in named
        if key not in needed
        and not key.startswith((MANIFESTS, ANNOUNCED))
        and (book_number(key) or 0) <= newest
    )
