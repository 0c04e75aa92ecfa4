"""What is done to the workers, and when: drawn from a seed. Pure."""

import random
from typing import Literal, NamedTuple

Deed = Literal["kill", "join", "leave", "freeze"]
_FEWEST, _MOST = 1, 3


class Event(NamedTuple):
    """After `pause_s` do this; `lot` (0 to 1) says to which worker."""

    pause_s: float
    deed: Deed
    lot: float


def drawn(seed: int, kills: int, moves: int, freezes: int) -> list[Event]:
    """So many SIGKILLs, joins and leaves, and SIGSTOPs past the session, in any order that keeps one to three workers."""
    rng = random.Random(seed)
    deeds = ["kill"] * kills + ["move"] * moves + ["freeze"] * freezes
    rng.shuffle(deeds)
    workers, events = 2, []
    for deed in deeds:
        done: Deed = "kill" if deed == "kill" else "freeze" if deed == "freeze" else _move(rng, workers)
        workers += {"join": 1, "leave": -1}.get(done, 0)
        events.append(Event(rng.uniform(0.3, 3.0), done, rng.random()))
    return events


def _move(rng: random.Random, workers: int) -> Literal["join", "leave"]:
    if workers == _FEWEST:
        return "join"
    if workers == _MOST:
        return "leave"
    return rng.choice(("join", "leave"))
