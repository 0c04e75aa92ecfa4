"""A fixed number of threads that write: a conditional write is a request of its own, so many must be under way at once."""

import queue
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from alarm_store.batch import Record, Refused
from alarm_store.items import Item
from alarm_store.store import Busy, Kept
from wardstream.contracts.malformed import Malformed
from wardstream.runtime.logs import logger
from wardstream.runtime.metrics import STORE_REPEATED, STORE_THROTTLED, STORE_WRITTEN

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 5.0
_COUNTER = {Kept.WRITTEN: STORE_WRITTEN, Kept.REPEATED: STORE_REPEATED}
# `store.Store.put`, or another that keeps its promise.
Put = Callable[[Item], Kept]


@dataclass(frozen=True, slots=True)
class Task:
    """A record and the item it says."""

    record: Record
    item: Item


class Left(Exception):  # noqa: N818 -- a sentence: "raise Left"
    """The process is leaving: what is unfinished stays unfinished and uncommitted."""


class Hands:
    """Takes tasks, tells what came of each: None, or the record refused by DynamoDB for what it holds."""

    def __init__(self, count: int, put: Put) -> None:
        self._count = count
        self._put = put
        self._tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[Refused | Exception | None] = queue.SimpleQueue()
        self._leaving = threading.Event()
        self.is_waiting = False

    def give(self, task: Task) -> None:
        """Asks for the item to be written, in no particular order."""
        self._tasks.put(task)

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
            task = self._tasks.get()
            try:
                self._outcomes.put(self._patiently(task))
            except Left:
                return
            except Exception as error:  # noqa: BLE001 -- not swallowed: the loop raises it in its own thread
                self._outcomes.put(error)
                return

    def _patiently(self, task: Task) -> Refused | None:
        attempt = 0
        while not self._leaving.is_set():
            try:
                kept = self._put(task.item)
            except Busy as busy:
                self.is_waiting = True
                STORE_THROTTLED.inc()
                logger().warning("store_busy", answer=str(busy), attempt=attempt)
                self._leaving.wait(_pause_s(attempt))
                attempt += 1
            except Malformed as fault:
                return Refused(task.record, fault)
            else:
                self.is_waiting = False
                _COUNTER[kept].labels(task.item.table).inc()
                return None
        raise Left


def _pause_s(attempt: int) -> float:
    """Full jitter: writers that were all refused at once don't come back all at once."""
    return random.uniform(0, min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(attempt, 10)))  # noqa: S311 -- no secret
