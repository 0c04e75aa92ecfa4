"""`python -m tests.fuzz [--inputs N] [--seed S] [--jobs J]`: fuzzes, keeps what was found in `corpus`, exits 1 on a fault.

A fault is an exception other than `Malformed`, a value that doesn't survive encoding, or an input that takes more than 50 ms
five times out of five (once may be the machine's doing). What brought a kind of answer for the first time joins the seeds.
"""

import argparse
import hashlib
import secrets
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.fuzz.mutate import mutated
from tests.fuzz.targets import TARGETS, answered, seeds

CORPUS = Path(__file__).with_name("corpus")
LONGEST_S = 0.050
_TRIES = 5
_FIRST = 0.5


class Found(NamedTuple):
    """What a share of the inputs brought. `faults` are (target, what happened, input)."""

    inputs: int
    slowest_s: float
    retried: int
    kinds: dict[tuple[str, str], bytes]
    faults: list[tuple[str, str, bytes]]


def share(seed: str, inputs: int) -> Found:
    """Fuzzes with `inputs` inputs; the same seed brings the same ones."""
    draw = Random(seed)
    pools = {target: seeds(target) for target in TARGETS}
    kinds: dict[tuple[str, str], bytes] = {}
    faults: list[tuple[str, str, bytes]] = []
    slowest_s, retried = 0.0, 0
    names = [name for name in TARGETS if name != "translate"]
    for _ in range(inputs):
        # Half of all for what anybody outside can send.
        target = "translate" if draw.random() < _FIRST else draw.choice(names)
        data = mutated(pools[target], draw)
        begun_s = time.perf_counter()
        try:
            answer = answered(target, data)
        except Exception as error:  # noqa: BLE001 -- any exception is what is looked for
            faults.append((target, repr(error)[:200], data))
            continue
        taken_s = time.perf_counter() - begun_s
        if taken_s > LONGEST_S:
            retried += 1
            taken_s = min(_again_s(target, data) for _ in range(_TRIES))
            if taken_s > LONGEST_S:
                faults.append((target, f"{taken_s * 1000:.0f} ms", data))
        slowest_s = max(slowest_s, taken_s)
        if (target, answer) not in kinds:
            kinds[target, answer] = data
            pools[target].append(data)
    return Found(inputs, slowest_s, retried, kinds, faults)


def _again_s(target: str, data: bytes) -> float:
    begun_s = time.perf_counter()
    answered(target, data)
    return time.perf_counter() - begun_s


def keep(target: str, data: bytes) -> None:
    """Adds an input to the corpus."""
    (CORPUS / f"{target}-{hashlib.sha256(data).hexdigest()[:16]}").write_bytes(data)


def main(arguments: list[str]) -> int:
    """The exit code: 0, or 1 when there was a fault."""
    described = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    described.add_argument("--inputs", type=int, default=1_000_000)
    described.add_argument("--seed", type=int, default=0, help="0: a new one")
    described.add_argument("--jobs", type=int, default=2)
    described.add_argument(
        "--keep", action="store_true", help="keep the first input of each kind of answer too"
    )
    asked = described.parse_args(arguments)
    seed = asked.seed or secrets.randbelow(2**31) + 1
    print(f"seed {seed}", flush=True)
    begun_s = time.monotonic()
    parts = 4 * asked.jobs
    with ProcessPoolExecutor(asked.jobs) as pool:
        found = list(
            pool.map(share, [f"{seed}/{n}" for n in range(parts)], [-(-asked.inputs // parts)] * parts)
        )
    return _told(found, time.monotonic() - begun_s, keeps=asked.keep)


def _told(found: list[Found], took_s: float, *, keeps: bool) -> int:
    kinds = {key: data for each in reversed(found) for key, data in each.kinds.items()}
    faults = {(target, what): data for each in found for target, what, data in each.faults}
    for (target, what), data in faults.items():
        print(f"FAULT {target}: {what}: {data[:120]!r}")
        keep(target, data)
    if keeps:
        for (target, _), data in kinds.items():
            keep(target, data)
    print(
        f"{sum(each.inputs for each in found):,} inputs in {took_s:.0f} s, {len(kinds)} kinds of answer, "
        f"slowest {max(each.slowest_s for each in found) * 1000:.1f} ms ({sum(each.retried for each in found)} tried again), "
        f"{sum(len(each.faults) for each in found)} faults"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
