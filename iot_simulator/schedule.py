"""Who speaks next: the earliest due first, so that nobody starves however far behind we are."""

import heapq
from collections.abc import Sequence
from itertools import count
from typing import Protocol

from iot_simulator.said import Said


class Voice(Protocol):
    """Something that speaks at instants it knows, told in microseconds since the run's start."""

    def speak(self, since_start_us: int, start_us: int) -> tuple[Sequence[Said], int | None]:
        """What it says at the instant it was due, and when it is due again (None: never). `start_us` is wall time."""
        ...


class Schedule:
    """Voices by the instant they are due, and messages that wait for theirs; microseconds since the epoch."""

    def __init__(self, start_us: int) -> None:
        self._start_us = start_us
        self._voices: list[tuple[int, int, Voice]] = []
        self._held: list[tuple[int, int, Said]] = []
        self._numbers = count()

    def add(self, since_start_us: int, voice: Voice) -> None:
        """Lets `voice` speak so long after the start. Equal instants: first added, first to speak."""
        heapq.heappush(self._voices, (self._start_us + since_start_us, next(self._numbers), voice))

    def hold(self, said: Said) -> None:
        """Keeps a message until its `send_at_us`."""
        heapq.heappush(self._held, (said.send_at_us, next(self._numbers), said))

    def speak(self) -> Sequence[Said]:
        """Lets the earliest voice speak and puts it back; what it says may still have to be held."""
        due_us, number, voice = self._voices[0]
        said, again_us = voice.speak(due_us - self._start_us, self._start_us)
        if again_us is None:
            heapq.heappop(self._voices)
        else:
            heapq.heapreplace(self._voices, (self._start_us + again_us, number, voice))
        return said

    def postpone(self, by_us: int) -> None:
        """The earliest voice speaks so much later: it can't be listened to now."""
        due_us, number, voice = self._voices[0]
        heapq.heapreplace(self._voices, (due_us + by_us, number, voice))

    def release(self) -> Said:
        """The held message that leaves first."""
        return heapq.heappop(self._held)[2]

    @property
    def next_voice_us(self) -> int | None:
        """When the earliest voice is due; None: nobody has anything more to say."""
        return self._voices[0][0] if self._voices else None

    @property
    def next_held_us(self) -> int | None:
        """When the earliest held message leaves."""
        return self._held[0][0] if self._held else None
