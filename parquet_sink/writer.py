"""Brings cuts into the lake from a thread of its own, so that the loop keeps its place in the group while S3 is slow."""

import queue
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from parquet_sink.claim import Lake, Outcome, land
from parquet_sink.cut import Cut
from wardstream.runtime.logs import logger
from wardstream.runtime.s3_faults import Busy

_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0


@dataclass(frozen=True, slots=True)
class Broken:
    """The writer can't go on; `error` says why."""

    error: Exception


class Left(Exception):  # noqa: N818 -- a sentence: "raise Left"
    """The process is leaving: what is unfinished stays unfinished and uncommitted."""


class Writer:
    """One cut after the other, in the order given; a busy S3 is asked again until it takes the cut."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._cuts: queue.SimpleQueue[Cut] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[Outcome | Broken] = queue.SimpleQueue()
        self._leaving = threading.Event()
        self.is_waiting = False

    def give(self, cut: Cut) -> None:
        """Asks for the cut to be written; its outcome comes from `outcomes`."""
        self._cuts.put(cut)

    def outcomes(self, wait_s: float) -> list[Outcome]:
        """What came of cuts given before; waits for the first at most `wait_s`. Raises what broke the writer."""
        found: list[Outcome] = []
        try:
            while True:
                outcome = self._outcomes.get(timeout=0 if found else wait_s)
                if isinstance(outcome, Broken):
                    raise outcome.error
                found.append(outcome)
        except queue.Empty:
            return found

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Runs the thread. It's a daemon: a request that hangs in S3 can't keep the process from leaving."""
        threading.Thread(target=self._work, name="writer", daemon=True).start()
        try:
            yield
        finally:
            self._leaving.set()

    def _work(self) -> None:
        try:
            while True:
                self._outcomes.put(self._patiently(self._cuts.get()))
        except Left:
            return
        except Exception as error:  # noqa: BLE001 -- not swallowed: the loop raises it in its own thread
            self._outcomes.put(Broken(error))

    def _patiently(self, cut: Cut) -> Outcome:
        """Lands the cut as a whole each time: after a long wait, what was known of the partition is looked up anew."""
        attempt = 0
        while not self._leaving.is_set():
            try:
                outcome = land(cut, self._lake)
            except Busy as busy:
                self.is_waiting = True
                logger().warning("store_busy", answer=str(busy), attempt=attempt)
                self._leaving.wait(_pause_s(attempt))
                attempt += 1
            else:
                self.is_waiting = False
                return outcome
        raise Left


def _pause_s(attempt: int) -> float:
    """Full jitter: sinks that were all refused at once don't come back all at once."""
    return random.uniform(0, min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(attempt, 10)))  # noqa: S311 -- no secret
