"""One training: the lake's dates in, candidates fitted and judged, and what is better on the shelf.

The lake is read once, a batch at a time. Memory holds every person's hours (about 1.5 kB a date) and a few people's held-out
readings; a longer range or more readings a minute don't add to it, more people do: hence the shards.
"""

import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import NamedTuple

import msgspec

from sagemaker_training import book as books
from sagemaker_training.book import Book, Entry
from sagemaker_training.cells import DAY_US, HOURS, Day, Hours, part
from sagemaker_training.fit import fit
from sagemaker_training.history import Lake, measure
from sagemaker_training.judge import judged
from sagemaker_training.manifest import Manifest
from sagemaker_training.people import People
from sagemaker_training.rows import readings_of
from sagemaker_training.scratch import TOGETHER, Scratch
from sagemaker_training.shards import Shard, bin_of
from sagemaker_training.shelf import Shelf
from sagemaker_training.trouble import intervals
from sagemaker_training.verdict import Verdict
from wardstream.contracts.units import epoch_us
from wardstream.contracts.user_model import UserModel
from wardstream.runtime.logs import logger
from wardstream.runtime.metrics import MODELS_JUDGED, TRAINING_S

# Called between two steps of the work: tells that it goes on, and may raise to end it. Nothing is in force before the end.
Turn = Callable[[], None]
# Who of these people must not be shelved.
Barred = Callable[[Collection[str]], frozenset[str]]
# The shelf gives it.
_NO_NUMBER_YET = 1


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which `dates` (in order, without gaps) are read, how many of the last are held out, of whom, and what becomes of it.

    `is_held`: what is better stays a shadow until somebody promotes it.
    """

    dates: tuple[date, ...]
    held_out: int
    shard: Shard
    is_held: bool = False


def nobody(_people: Collection[str]) -> frozenset[str]:
    """Everybody may be shelved."""
    return frozenset()


class Candidate(NamedTuple):
    """A fitted model without a number yet, and what the judge said of it."""

    model: UserModel
    verdict: Verdict


class Done(NamedTuple):
    """What a training came to."""

    manifest: Manifest
    readings: int
    people: int
    judged: int
    better: int


class _Read(NamedTuple):
    """What was read: each date's hours, and whose."""

    hours: list[Hours]
    people: People
    readings: int


def train(
    lake: Lake, shelf: Shelf, plan: Plan, turn: Turn, now_us: Callable[[], int], barred: Barred = nobody
) -> Done:
    """Reads, fits, judges and shelves; the manifest in force afterwards and what led to it.

    `barred` says who of some people must not be shelved: their readings may have been erased since they were read.
    """
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sagemaker_training-") as folder:
        scratch = Scratch(Path(folder))
        read = _read(lake, plan, scratch, turn)
        logger().info("history_read", readings=read.readings, people=len(read.people))
        in_force = _InForce(shelf)
        found = list(_candidates(read, plan, scratch, in_force, turn=turn, now_us=now_us()))
    manifest = shelve(shelf, found, now_us, is_held=plan.is_held, barred=barred)
    TRAINING_S.set(time.monotonic() - began_s)
    better = sum(each.verdict.is_better for each in found)
    return Done(manifest, read.readings, len(read.people), len(found), better)


def _read(lake: Lake, plan: Plan, scratch: Scratch, turn: Turn) -> _Read:
    people, hours, readings, effort = People(plan.shard), [], 0, None
    first_held_out = len(plan.dates) - plan.held_out
    for place, day in enumerate(plan.dates):
        fives = Day()
        for batch in lake.batches(day, people, whole=place >= first_held_out):
            turn()
            measure(batch, fives)
            if place >= first_held_out:
                scratch.add(batch)
            readings += len(batch.numbers)
        date_hours, effort = fives.closed(len(people), effort)
        hours.append(date_hours)
    return _Read(hours, people, readings)


class _InForce:
    """What the shelf has in force now; a bin's book is read when somebody of it is first asked for."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._manifest = shelf.newest()
        self._models: dict[int, dict[str, UserModel]] = {}

    def model(self, user_id: str) -> UserModel | None:
        number = bin_of(user_id)
        if number not in self._models:
            entries = self._shelf.book_in_force(self._manifest, number).entries.values()
            active = ((entry.user_id, entry.of("active")) for entry in entries)
            self._models[number] = {name: kept.model for name, kept in active if kept}
        return self._models[number].get(user_id)


def _candidates(
    read: _Read, plan: Plan, scratch: Scratch, in_force: _InForce, *, turn: Turn, now_us: int
) -> Iterator[Candidate]:
    names = read.people.names
    begins_us = epoch_us(datetime.combine(plan.dates[0], time_of_day(), UTC))
    for start in range(0, len(names), TOGETHER):
        turn()
        group = names[start : start + TOGETHER]
        fitted = fit([part(hours, start, len(group)) for hours in read.hours], plan.held_out)
        place = {name: number for number, name in enumerate(group)}
        for name, readings in readings_of(scratch.rows(start // TOGETHER)):
            turn()
            usual = fitted.usual[place[name]]
            if usual:
                model = UserModel(user_id=name, version=_NO_NUMBER_YET, fitted_at_us=now_us, usual=usual)
                trouble = intervals(fitted.trouble[place[name]], begins_us, DAY_US // HOURS)
                verdict = judged(model, in_force.model(name), readings, trouble)
                MODELS_JUDGED.labels(verdict.reason).inc()
                yield Candidate(model, verdict)


def shelve(
    shelf: Shelf,
    found: Iterable[Candidate],
    now_us: Callable[[], int],
    *,
    is_held: bool,
    barred: Barred = nobody,
) -> Manifest:
    """Puts candidates on the shelf under the change's number: those that are better in force, the others as shadows.

    Who is `barred` is left out, asked before and after the books are written.
    """
    by_bin: dict[int, dict[str, Candidate]] = {}
    for each in found:
        by_bin.setdefault(bin_of(each.model.user_id), {})[each.model.user_id] = each
    people = [name for candidates in by_bin.values() for name in candidates]
    asked_for, left_out = 0, frozenset[str]()

    def edit(book: Book, number: int) -> Book:
        nonlocal asked_for, left_out
        if number != asked_for:
            asked_for, left_out = number, barred(people)
        candidates = by_bin[book.bin]
        return books.changed(
            book,
            candidates.keys() - left_out,
            lambda entry: _taken_in(entry, candidates[entry.user_id], number, is_held),
        )

    def is_fit() -> bool:
        nonlocal left_out
        before, left_out = left_out, barred(people)
        return before == left_out

    return shelf.change("training", by_bin, edit, now_us, is_fit=is_fit)


def _taken_in(entry: Entry, candidate: Candidate, number: int, is_held: bool) -> Entry:
    model = msgspec.structs.replace(candidate.model, version=number)
    after = books.shelved(entry, model, candidate.verdict)
    # What it was held against is not in force any more: somebody changed that meanwhile, and the verdict is void.
    is_void = entry.active_version != candidate.verdict.current_version
    if is_void or is_held or entry.is_held or not candidate.verdict.is_better:
        return after
    return books.promoted(after)
