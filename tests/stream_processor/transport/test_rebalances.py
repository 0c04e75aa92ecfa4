"""Workers that come and go."""

import itertools
from pathlib import Path

import pytest

from tests.stream_processor.transport.counting import Counter, Counting, counting, numbered, until
from wardstream.local.addresses import Addresses

pytestmark = pytest.mark.flow
PARTITIONS = 6
RECORDS = 6000
# As the app has it; Kafka allows no shorter one.
SESSION_S = 6.0


def _holds(worker: Counter) -> set[int]:
    return {partition for _, partition in worker.assigned}


def _are_contiguous(worker: Counter) -> bool:
    """Whether within one hold each partition's offsets follow each other."""
    held: dict[tuple[int, str, int], list[int]] = {}
    for each in worker.handled:
        held.setdefault((each.generation, each.topic, each.partition), []).extend(each.offsets)
    return all(
        after == before + 1 for offsets in held.values() for before, after in itertools.pairwise(offsets)
    )


def _everything(workers: Counting) -> set[tuple[str, int, int]]:
    return {(t, p, o) for t in workers.topics for p in range(PARTITIONS) for o in range(RECORDS)}


def test_workers_that_join_and_leave_under_load_lose_nothing_and_read_in_order(
    servers: Addresses, tmp_path: Path
) -> None:
    with counting(servers, tmp_path) as workers:
        topics = [workers.topic(PARTITIONS), workers.topic(PARTITIONS)]
        for topic, partition in itertools.product(topics, range(PARTITIONS)):
            workers.write(topic, partition, numbered(RECORDS), batch_num_messages=50)
        how = {"BATCH_RECORDS": "50", "PACE_S": "0.02"}

        first = workers.start(**how)
        until(lambda: len(_holds(first)) == PARTITIONS and bool(first.handled))
        others = [workers.start(**how), workers.start(**how)]
        until(lambda: all(len(_holds(each)) == 2 and each.handled for each in workers.workers))
        three = [each.assigned for each in workers.workers]
        codes = [other.stop() for other in others]
        until(lambda: len(_holds(first)) == PARTITIONS)
        workers.until_handled(2 * PARTITIONS * RECORDS)

        assert codes == [0, 0]
        assert set(workers.places) == _everything(workers)
        assert all(_are_contiguous(worker) for worker in workers.workers)
        # Equal partition numbers of the two topics meet.
        for held in three:
            by_topic = [{p for t, p in held if t == topic} for topic in topics]
            assert by_topic[0] == by_topic[1]


def test_a_worker_that_restores_for_longer_than_a_session_is_not_put_out_of_its_group(
    servers: Addresses, tmp_path: Path
) -> None:
    with counting(servers, tmp_path) as workers:
        topic = workers.topic(2)
        for partition in range(2):
            workers.write(topic, partition, numbered(1000), batch_num_messages=50)

        worker = workers.start(RESTORES_FOR_S=str(SESSION_S + 3), BATCH_RECORDS="50", PACE_S="0.1")
        workers.until_handled(2 * 1000)

        assert len({each.generation for each in worker.handled}) == 1
        assert len(workers.places) == len(set(workers.places))


def test_an_idle_worker_that_takes_over_waiting_records_begins_with_the_first(
    servers: Addresses, tmp_path: Path
) -> None:
    with counting(servers, tmp_path) as workers:
        topic = workers.topic(2)
        gate = tmp_path / "gate"
        idle = workers.start()
        until(lambda: len(_holds(idle)) == 2)
        stuck = workers.start(GATE=str(gate))
        until(lambda: len(_holds(stuck)) == 1 and len(_holds(idle)) == 1)
        for partition in range(2):
            workers.write(topic, partition, numbered(RECORDS), batch_num_messages=50)

        stuck.kill()
        workers.until_handled(2 * RECORDS)

        assert set(workers.places) == {(topic, p, o) for p in range(2) for o in range(RECORDS)}
        assert _are_contiguous(idle)
