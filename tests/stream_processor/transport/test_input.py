"""What comes in: too much, compressed, in transactions, or gone."""

from pathlib import Path

import pytest
from confluent_kafka import Message, TopicPartition

from tests.stream_processor.transport.counting import Counting, counting, numbered, until
from wardstream.local.addresses import Addresses
from wardstream.runtime.kafka import producer

pytestmark = pytest.mark.flow
MIB = 1 << 20
BUFFER_BYTES = 8 * MIB
# At most one fetch of 1 MB, not compressed, of each of two partitions is taken at once.
ONE_FETCH_BYTES = 2 * MIB
# What a worker takes beyond the records: another fetch as aiokafka holds it, Python's objects around the records.
RESIDENT_MARGIN_BYTES = 40 * MIB


def test_a_worker_that_stands_still_holds_a_bounded_number_of_bytes(
    servers: Addresses, tmp_path: Path
) -> None:
    with counting(servers, tmp_path) as workers:
        topic, gate, count = workers.topic(2), tmp_path / "gate", 15_000
        worker = workers.start(MEASURES="1", GATE=str(gate), BUFFER_BYTES=str(BUFFER_BYTES))
        until(lambda: any("resident_bytes" in each for each in worker.said) and bool(worker.assigned))
        began = max(each["resident_bytes"] for each in worker.said if "resident_bytes" in each)

        for partition in range(2):
            workers.write(topic, partition, numbered(count, size=2000), compression_type="none")
        until(lambda: worker.said[-1].get("buffered_bytes", 0) >= BUFFER_BYTES)
        beats = len(worker.said)
        until(lambda: len(worker.said) > beats + 40)
        gate.touch()
        workers.until_handled(2 * count)

        measured = [each for each in worker.said if "buffered_bytes" in each]
        assert max(each["buffered_bytes"] for each in measured) <= BUFFER_BYTES + ONE_FETCH_BYTES
        assert max(each["resident_bytes"] for each in measured) < began + BUFFER_BYTES + RESIDENT_MARGIN_BYTES
        assert len(workers.places) == 2 * count


def _write_transactions(workers: Counting, topic: str) -> set[int]:
    """Writes ten, every other of which is aborted; the offsets of the records of the others."""
    writer = producer(workers.settings, transactional_id=f"{topic}-writer")
    writer.init_transactions(30)
    kept = set()
    for number in range(10):
        writer.begin_transaction()
        delivered: list[int] = []

        def written(_error: object, message: Message, into: list[int] = delivered) -> None:
            into.append(message.offset() or 0)

        for value in numbered(100):
            writer.produce(topic, value, partition=0, on_delivery=written)
        assert writer.flush(30) == 0
        if number % 2:
            writer.abort_transaction(30)
        else:
            writer.commit_transaction(30)
            kept.update(delivered)
    return kept


def test_compressed_and_transactional_records_are_handled_and_aborted_ones_are_not(
    servers: Addresses, tmp_path: Path
) -> None:
    with counting(servers, tmp_path) as workers:
        compressed, transactional = workers.topic(2), workers.topic(1)
        for partition, codec in enumerate(["lz4", "zstd"]):
            workers.write(compressed, partition, numbered(3000), compression_type=codec)
        kept = _write_transactions(workers, transactional)
        wanted = {(compressed, p, o) for p in range(2) for o in range(3000)}
        wanted |= {(transactional, 0, offset) for offset in kept}

        worker = workers.start()
        workers.until_handled(len(wanted))
        code = worker.stop()

        assert len(kept) == 500
        assert code == 0
        assert set(workers.places) == wanted
        assert len(workers.places) == len(wanted)


def test_records_that_were_deleted_before_they_were_read_are_passed_over(
    servers: Addresses, tmp_path: Path
) -> None:
    with counting(servers, tmp_path) as workers:
        topic = workers.topic(1)
        workers.write(topic, 0, numbered(100))
        worker = workers.start()
        until(lambda: workers.committed(topic, 1) == [100])
        worker.stop()
        workers.write(topic, 0, numbered(900))
        deleted = workers.admin.delete_records([TopicPartition(topic, 0, 500)])
        for done in deleted.values():
            done.result(30)

        workers.start()
        workers.until_handled(600)
        until(lambda: workers.committed(topic, 1) == [1000])

        assert sorted(offset for _, _, offset in workers.places) == [*range(100), *range(500, 1000)]
