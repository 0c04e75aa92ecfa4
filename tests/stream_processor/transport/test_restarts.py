"""A worker that ends, in whichever way, and the next one that reads on."""

from collections import Counter
from pathlib import Path

import pytest

from tests.stream_processor.transport.counting import counting, numbered, until
from wardstream.local.addresses import Addresses

pytestmark = pytest.mark.flow
PARTITIONS = 3
RECORDS = 4000


@pytest.mark.parametrize("acknowledges", ["by hand", "by stream"])
def test_after_sigterm_the_next_worker_begins_at_the_first_unhandled_record(
    servers: Addresses, tmp_path: Path, acknowledges: str
) -> None:
    with counting(servers, tmp_path) as workers:
        topic = workers.topic(PARTITIONS)
        for partition in range(PARTITIONS):
            workers.write(topic, partition, numbered(RECORDS), batch_num_messages=50)
        how = {"BATCH_RECORDS": "50", "PACE_S": "0.02"}
        how |= {"BY_STREAM": "1"} if acknowledges == "by stream" else {}
        codes = []

        for _ in range(3 if acknowledges == "by hand" else 1):
            seen = len(workers.places)
            worker = workers.start(**how)
            workers.until_handled(seen + 800)
            codes.append(worker.stop())
        workers.start(BATCH_RECORDS="50")
        workers.until_handled(RECORDS * PARTITIONS)

        assert set(codes) == {0}
        assert set(Counter(workers.places).values()) == {1}
        assert len(workers.places) == RECORDS * PARTITIONS


def test_after_sigkill_nothing_is_lost_and_only_what_was_not_committed_comes_again(
    servers: Addresses, tmp_path: Path
) -> None:
    with counting(servers, tmp_path) as workers:
        topic = workers.topic(PARTITIONS)
        for partition in range(PARTITIONS):
            workers.write(topic, partition, numbered(RECORDS), batch_num_messages=50)

        killed = workers.start(BATCH_RECORDS="50", PACE_S="0.02")
        until(lambda: max(workers.committed(topic, PARTITIONS)) > 0)
        killed.kill()
        committed = workers.committed(topic, PARTITIONS)
        before = set(workers.places)
        workers.start(BATCH_RECORDS="50")
        workers.until_handled(RECORDS * PARTITIONS)

        twice = {place for place, count in Counter(workers.places).items() if count > 1}
        assert before
        assert all(offset >= committed[partition] for _, partition, offset in twice)
        assert set(workers.places) == {(topic, p, o) for p in range(PARTITIONS) for o in range(RECORDS)}


def test_nothing_is_committed_beyond_a_batch_that_is_not_acknowledged(
    servers: Addresses, tmp_path: Path
) -> None:
    with counting(servers, tmp_path) as workers:
        topic = workers.topic(1)
        workers.write(topic, 0, numbered(RECORDS), batch_num_messages=50)

        first = workers.start(BATCH_RECORDS="50", LEAVES_FIRST_OPEN="1", COMMIT_INTERVAL_S="0.1")
        workers.until_handled(RECORDS)
        first.kill()
        second = workers.start(BATCH_RECORDS="50")
        until(lambda: sum(len(each.offsets) for each in second.handled) >= RECORDS)

        assert second.handled[0].offsets[0] == 0


def test_a_batch_its_agent_failed_on_comes_again(servers: Addresses, tmp_path: Path) -> None:
    with counting(servers, tmp_path) as workers:
        topic = workers.topic(1)
        workers.write(topic, 0, numbered(RECORDS), batch_num_messages=50)

        failing = workers.start(BATCH_RECORDS="50", FAILS_AT="1010")
        code = failing.wait()
        workers.start(BATCH_RECORDS="50")
        workers.until_handled(RECORDS)

        assert code != 0
        assert Counter(workers.places)[(topic, 0, 1010)] == 1
