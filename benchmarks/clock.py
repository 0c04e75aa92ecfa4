"""What the clock costs: at each reading, in each row, and for a million people.

`python -m benchmarks.clock [PEOPLE]`: no servers. Times are the processor's, the least of some rounds.
"""

import gc
import sys
import time
import tracemalloc
from collections.abc import Callable

from benchmarks.records import Record
from stream_processor.deadlines import Deadlines
from stream_processor.partition import Partition
from stream_processor.people import People
from tests.scoring.made import SECOND_US, START_US, reading
from wardstream.contracts import wire
from wardstream.contracts.topics import READINGS
from wardstream.scoring import rows
from wardstream.scoring.limits import DEFAULTS
from wardstream.scoring.state import PatientState
from wardstream.scoring.timers import Timers, next_due_us

ROUNDS = 5
BATCH, CHECKPOINT = 5_000, 20_000
USERS, EACH = 1_000, 100
TIMERS = Timers()


def encode_with_deadline(state: PatientState) -> bytes:
    return rows.encode(state, due_us=next_due_us(state, TIMERS))


def records() -> list[Record]:
    """People who are well, every ten seconds."""
    made: list[Record] = []
    for number in range(EACH):
        for user in range(USERS):
            name = f"patient-{user:04d}"
            each = reading(
                number * 10 + user / 1000, user=name, heart_rate_bpm=68.0 + number % 9, spo2_pct=97.0
            )
            made.append(Record(len(made), name.encode(), wire.encode(each)))
    return made


def least_ns(work: Callable[[], None], count: int) -> float:
    took = []
    for _ in range(ROUNDS):
        began_s = time.process_time()
        work()
        took.append(time.process_time() - began_s)
    return min(took) / count * 1e9


def take_all(said: list[Record], timers: Timers | None) -> Partition:
    encode = rows.encode if timers is None else encode_with_deadline
    partition = Partition(People({}, 2 * USERS, encode), {}, DEFAULTS, timers)
    for start in range(0, len(said), BATCH):
        partition.take(READINGS.name, said[start : start + BATCH], start, start + BATCH)
        if (start + BATCH) % CHECKPOINT == 0:
            partition.snapshot()
    return partition


def tell_readings() -> None:
    said = records()
    without = least_ns(lambda: void(take_all(said, None)), len(said))
    with_clock = least_ns(lambda: void(take_all(said, TIMERS)), len(said))
    state = take_all(said, TIMERS).people.awake[b"patient-0000"]
    print(f"a reading taken and written: {without:,.0f} ns without a clock, {with_clock:,.0f} ns with one")
    print(
        f"a row: {len(rows.encode(state, 2)):,} bytes in version 2, {len(rows.encode(state)):,} in version 3"
    )


def void(_: object) -> None:
    """A result nobody needs."""


def tell_people(count: int) -> None:
    """A ward at rest, each heard at another moment of a quarter of an hour."""
    state = take_all(records(), TIMERS).people.awake[b"patient-0000"]
    spread_us = 900 * SECOND_US
    people = {
        b"patient-%07d" % n: rows.encode(state, due_us=START_US + n * 7919 * 1000 % spread_us)
        for n in range(count)
    }
    tracemalloc.start()
    began_s = time.process_time()
    wheel = Deadlines()
    for key, row in people.items():
        wheel.expect(key, rows.due_us(row))
    filled_s = time.process_time() - began_s
    held_bytes = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    print(f"{count:,} people: {held_bytes / count:,.0f} bytes each, {filled_s:,.1f} s to fill (traced)")
    ward = Partition(People(people, count, encode_with_deadline), {}, DEFAULTS, TIMERS)
    idle_us = least_ns(lambda: void(ward.tick(START_US - SECOND_US)), 1) / 1e3
    print(f"a tick with nobody due: {idle_us:,.1f} µs")
    began_s = time.process_time()
    told = ward.tick(START_US + 10 * spread_us)
    busy_us = (time.process_time() - began_s) * 1e6
    print(f"a tick with {told:,} of them due: {busy_us / max(told, 1):,.1f} µs each")


def main() -> None:
    gc.freeze()
    gc.disable()
    tell_readings()
    tell_people(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)


if __name__ == "__main__":
    main()
