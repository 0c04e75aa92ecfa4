"""Kills, joins, leaves and a zombie: states, anomalies and alarms equal to those of a run that nobody disturbed.

The long run: `make kill` (KILLS=50 MOVES=30 SEED=...). A failing run is repeated by its printed seed.
"""

import os
import random
import time
from itertools import islice
from pathlib import Path

import pytest

from tests.flow.kill import chaos, oracle
from tests.flow.kill.feed import Feed, restless
from tests.flow.kill.plan import Event, drawn
from tests.stream_processor.people import new_person
from tests.stream_processor.processing import Group, group
from tests.stream_processor.topics import write_readings
from wardstream.local.addresses import Addresses

pytestmark = [pytest.mark.flow, pytest.mark.timeout(3600)]
ROOT = Path(__file__).parents[3]
KILLS, MOVES = int(os.environ.get("KILLS", "4")), int(os.environ.get("MOVES", "3"))
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().randint(1, 10**6)
# Few people with many readings each: more of them come again after a kill than a state remembers one by one, so that only
# the offsets can tell.
USERS, PER_S = 6, 3000
SLOW_S = 12


def _disturbed(servers: Addresses, group: Group, events: list[Event]) -> list[str]:
    """What differs from an undisturbed run, in words."""
    users = [new_person() for _ in range(USERS)]
    feed = Feed(servers, users, SEED, PER_S)
    feed.start()
    try:
        chaos.run(group, events)
    finally:
        feed.stop()
    chaos.settle(group)
    group.stop()
    wanted = oracle.recomputed(feed.written)
    assert wanted.alarms.total() > USERS
    there = oracle.found(servers, f"{group.name}-state", set(users))
    print(
        f"seed {SEED}: {len(events)} events, {len(feed.written)} readings, {wanted.anomalies.total()} anomalies, "
    )
    print(f"{wanted.alarms.total()} alarm steps; differences: {oracle.differences(wanted, there)}")
    return oracle.differences(wanted, there)


def test_whatever_is_killed_or_frozen_nothing_is_lost_and_nothing_doubled(
    servers: Addresses, tmp_path: Path
) -> None:
    events = drawn(SEED, KILLS, MOVES, freezes=1)

    with group(servers, tmp_path) as workers:
        differences = _disturbed(servers, workers, events)

    assert differences == [], f"SEED={SEED}"


@pytest.mark.long
def test_without_skipping_what_is_applied_the_same_check_fails(
    servers: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("WITHOUT", "skipping")
    kills = [Event(4.0, "kill", 0.0), Event(8.0, "kill", 0.9)]

    with group(servers, tmp_path, "tests.flow.kill.unsafe_worker") as workers:
        differences = _disturbed(servers, workers, kills)

    assert any("states differ" in each for each in differences)


def test_a_zombie_is_fenced_and_ends_and_without_fencing_the_same_check_fails(
    servers: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    differences, code = _zombie(servers, tmp_path / "fenced", "stream_processor")
    assert differences == []
    assert code == 1

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("WITHOUT", "fencing")
    differences, _ = _zombie(servers, tmp_path / "unfenced", "tests.flow.kill.unsafe_worker")
    assert differences != []


def _zombie(servers: Addresses, folder: Path, module: str) -> tuple[list[str], int | None]:
    """One worker stopped with readings applied and not yet written; its successor goes on; then it wakes up."""
    users = [new_person() for _ in range(USERS)]
    source = list(islice(restless(users, SEED, races=False), 4000))
    # Seconds between checkpoints, and no alarm that hastens one: what it has applied when it stops is not written, and
    # due at the moment it wakes up.
    slow = {"CHECKPOINT_INTERVAL_S": str(SLOW_S)}
    with group(servers, folder, module) as workers:
        zombie = workers.start(slow)
        write_readings(servers, source[:2000])
        zombie.until("wardstream_processor_scored_total", 1000)
        zombie.freeze()
        frozen_at_s = time.monotonic()
        write_readings(servers, source[2000:])
        workers.start()
        chaos.settle(workers)
        time.sleep(max(0.0, frozen_at_s + SLOW_S + 1 - time.monotonic()))
        zombie.thaw()
        code = zombie.ends_within(30.0)
        workers.stop()
        wanted = oracle.recomputed(source)
        there = oracle.found(servers, f"{workers.name}-state", set(users))
    return oracle.differences(wanted, there), code
