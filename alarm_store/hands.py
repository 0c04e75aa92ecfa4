"""A fixed number of threads that write: a request takes a handful of items at most, so many must be under way at once."""

import queue
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from alarm_store.batch import Record, Refused
from alarm_store.items import Item
from alarm_store.store import MOST_AT_ONCE, Busy, Kept, Outcome, is_insert, key
from wardstream.runtime.logs import logger
from wardstream.runtime.metrics import STORE_REPEATED, STORE_THROTTLED, STORE_WRITTEN

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 5.0
_COUNTER = {Kept.WRITTEN: STORE_WRITTEN, Kept.REPEATED: STORE_REPEATED}
# `store.Store.put`, or another that keeps its promise.
Put = Callable[[Sequence[Item]], list[Outcome]]


@dataclass(frozen=True, slots=True)
class Task:
    """A record and the item it says."""

    record: Record
    item: Item


def bundles(tasks: Sequence[Task]) -> list[list[Task]]:
    """What goes together in one request: inserts of different keys. All that can't go with others stands alone."""
    alone = [[task] for task in tasks if not is_insert(task.item)]
    bundled: list[dict[object, Task]] = [{}]
    for task in tasks:
        if not is_insert(task.item):
            continue
        if key(task.item) in bundled[-1] or len(bundled[-1]) == MOST_AT_ONCE:
            bundled.append({})
        bundled[-1][key(task.item)] = task
    return [*alone, *(list(together.values()) for together in bundled if together)]


class Left(Exception):  # noqa: N818 -- a sentence: "raise Left"
    """The process is leaving: what is unfinished stays unfinished and uncommitted."""


class Hands:
    """Takes tasks, tells what came of each: None, or the record refused by DynamoDB for what it holds."""

    def __init__(self, count: int, put: Put) -> None:
        self._count = count
        self._put = put
        self._bundles: queue.SimpleQueue[list[Task]] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[Refused | Exception | None] = queue.SimpleQueue()
        self._leaving = threading.Event()
        self.is_waiting = False

    def give(self, tasks: Sequence[Task]) -> None:
        """Asks for the items to be written, in no particular order."""
        for bundle in bundles(tasks):
            self._bundles.put(bundle)

    def outcomes(self, wait_s: float) -> list[Refused | None]:
        """What came of tasks given before; waits for the first at most `wait_s`. Raises what broke a thread."""
        found: list[Refused | None] = []
        try:
            while True:
                outcome = self._outcomes.get(timeout=0 if found else wait_s)
                if isinstance(outcome, Exception):
                    raise outcome
                found.append(outcome)
        except queue.Empty:
            return found

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Runs the threads. They're daemons: a request that hangs in DynamoDB can't keep the process from leaving."""
        for number in range(self._count):
            threading.Thread(target=self._work, name=f"hand-{number}", daemon=True).start()
        try:
            yield
        finally:
            self._leaving.set()

    def _work(self) -> None:
        while True:
            bundle = self._bundles.get()
            try:
                self._patiently(bundle)
            except Left:
                return
            except Exception as error:  # noqa: BLE001 -- not swallowed: the loop raises it in its own thread
                self._outcomes.put(error)
                return

    def _patiently(self, bundle: list[Task]) -> None:
        attempt = 0
        while bundle:
            if self._leaving.is_set():
                raise Left
            outcomes = self._put([task.item for task in bundle])
            settled = zip(bundle, outcomes, strict=True)
            bundle = [task for task, outcome in settled if not self._settle(task, outcome)]
            self.is_waiting = bool(bundle)
            if bundle:
                answers = sorted({str(outcome) for outcome in outcomes if isinstance(outcome, Busy)})
                logger().warning("store_busy", answers=answers, count=len(bundle), attempt=attempt)
                self._leaving.wait(_pause_s(attempt))
                attempt += 1

    def _settle(self, task: Task, outcome: Outcome) -> bool:
        """Tells what came of a task; False if it is to be tried again."""
        if isinstance(outcome, Busy):
            STORE_THROTTLED.inc()
            return False
        if isinstance(outcome, Kept):
            _COUNTER[outcome].labels(task.item.table).inc()
            self._outcomes.put(None)
        else:
            self._outcomes.put(Refused(task.record, outcome))
        return True


def _pause_s(attempt: int) -> float:
    """Full jitter: writers that were all refused at once don't come back all at once."""
    return random.uniform(0, min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(attempt, 10)))  # noqa: S311 -- no secret
