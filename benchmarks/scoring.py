"""Readings a second through the scorer, without a broker, and where the time goes.

    python -m benchmarks.scoring [READINGS]

Bedside readings of 1,000 people, one vital each, as the bridge writes them: decoded and scored, one thread; then through a partition of the
processor, all in Python and with the quiet path compiled, in turn.
"""

import gc
import sys
import time
from collections.abc import Callable
from random import Random

from benchmarks.records import Record
from stream_processor.native.quiet import quietly
from stream_processor.partition import Partition
from stream_processor.people import People
from stream_processor.quietly import Quietly
from wardstream.contracts import wire
from wardstream.contracts.identity import reading_id
from wardstream.contracts.reading import Reading
from wardstream.contracts.topics import READINGS
from wardstream.scoring import rows
from wardstream.scoring.artefact import scorable
from wardstream.scoring.limits import DEFAULTS
from wardstream.scoring.scorer import score
from wardstream.scoring.seen import remember
from wardstream.scoring.state import PatientState

PEOPLE = 1000
START_US = 1_762_592_400_000_000
VITALS = (("heart_rate_bpm", 72.0, 6.0), ("spo2_pct", 97.0, 0.8), ("temperature_c", 36.8, 0.2))


BATCH = 5000


def payloads(count: int) -> list[bytes]:
    rng = Random(1)
    made = []
    for n in range(count):
        person, turn = n % PEOPLE, n // PEOPLE
        vital, mean, spread = VITALS[turn % len(VITALS)]
        values = {vital: round(min(rng.gauss(mean, spread), 100.0), 1)}
        device, at_us = f"person-{person}", START_US + turn * 5_000_000
        made.append(
            wire.encode(
                Reading(
                    reading_id=reading_id(device, at_us, None, None, values),
                    device_id=device,
                    user_id=device,
                    measured_at_us=at_us,
                    received_at_us=at_us + 40_000,
                    **values,  # type: ignore[arg-type]  # vitals by name
                )
            )
        )
    return made


def timed(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 600_000
    said = payloads(count)
    # As the processor's worker does.
    gc.set_threshold(100_000, 20, 100)
    readings: list[Reading] = []
    decoding_s = timed(lambda: readings.extend(map(wire.reading, said)))
    print(f"{count} readings of {PEOPLE} people\n{'decoding':34}{_per(decoding_s, count)}")
    for name, has_model in (("scoring, SCORER=clinical", False), ("scoring, SCORER=full", True)):
        states = {f"person-{n}": PatientState() for n in range(PEOPLE)}
        scoring_s = timed(lambda: _score(states, readings, has_model))  # noqa: B023 -- called at once
        print(
            f"{name:34}{_per(scoring_s, count)}   with decoding {count / (decoding_s + scoring_s):,.0f} readings/s"
        )
    print(
        f"{'  of it: which vitals count':34}{_per(timed(lambda: [scorable(each) for each in readings]), count)}"
    )
    one = PatientState()
    print(f"{'  of it: remembering the id':34}{_per(timed(lambda: _remember(one, readings)), count)}")
    _partitions(said, readings)
    encoded = [rows.encode(state) for state in states.values()]
    print(f"a row: {sum(map(len, encoded)) / PEOPLE:.0f} bytes on average, {max(map(len, encoded))} at most")
    print(f"{'writing a row':34}{_per(timed(lambda: [rows.encode(s) for s in states.values()]), PEOPLE)}")


def _partitions(said: list[bytes], readings: list[Reading]) -> None:
    """Processor time of a partition over the same records, interpreted and compiled."""
    batches = []
    for start in range(0, len(said), BATCH):
        pairs = zip(said[start : start + BATCH], readings[start : start + BATCH], strict=True)
        batches.append(
            [Record(start + n, one.user_id.encode(), value) for n, (value, one) in enumerate(pairs)]
        )
    compiled = quietly()
    if compiled is None:
        print("the quiet path is not compiled here: there is nothing to compare")
        return
    for scorer, has_model in (("clinical", False), ("full", True)):
        spent = {}
        for name, quiet in (("interpreted", None), ("compiled", compiled)):
            spent[name] = _through(batches, quiet, has_model)
            print(f"{f'partition, SCORER={scorer}, {name}':45}{_per(spent[name], len(said))}")
        print(f"{'':45}{spent['interpreted'] / spent['compiled']:.2f} times as fast")


def _through(batches: list[list[Record]], quiet: Quietly | None, has_model: bool) -> float:
    partition = Partition(People({}, PEOPLE, rows.encode), {}, DEFAULTS, has_model=has_model, quietly=quiet)
    began_s = time.process_time()
    for batch in batches:
        partition.take(READINGS.name, batch, batch[0].offset, batch[-1].offset + 1)
        partition.outputs.clear()
    return time.process_time() - began_s


def _score(states: dict[str, PatientState], readings: list[Reading], has_model: bool) -> None:
    for reading in readings:
        score(states[reading.user_id], reading, DEFAULTS, has_model)


def _remember(state: PatientState, readings: list[Reading]) -> None:
    for reading in readings:
        remember(state, reading.reading_id)


def _per(spent_s: float, count: int) -> str:
    return f"{spent_s / count * 1e6:6.2f} µs each {count / spent_s:12,.0f}/s"


if __name__ == "__main__":
    main()
