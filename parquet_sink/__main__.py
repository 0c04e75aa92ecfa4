"""`python -m parquet_sink`: keeps every reading in the lake, until asked to leave."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer

from parquet_sink.claim import Lake
from parquet_sink.settings import SinkSettings
from parquet_sink.sink import Sink
from parquet_sink.store import Store
from parquet_sink.whole import Whole
from parquet_sink.writer import Writer
from wardstream.contracts.topics import PARTITIONS, REJECTED
from wardstream.runtime import aws, kafka, service
from wardstream.runtime.aside import Aside
from wardstream.runtime.beside import begun, is_over
from wardstream.runtime.health import Health
from wardstream.runtime.logs import logger
from wardstream.runtime.s3_faults import Busy
from wardstream.runtime.shutdown import Shutdown

_CLOSE_S = 1.5
_CONSUMER = {
    # librdkafka's own queue beside what the sink holds: enough for a second of backlog, and bounded.
    "queued_max_messages_kbytes": 32 * 1024,
    # Partitions that were added are read within this time; five minutes by default.
    "topic_metadata_refresh_interval_ms": 15_000,
}


def keep(settings: SinkSettings, asked: Shutdown, health: Health) -> None:
    """Checks that Kafka and the bucket are as the sink needs them, then runs it."""
    kafka.require_topics(settings, dict.fromkeys([*settings.topics, REJECTED.name], PARTITIONS))
    store = Store(aws.s3(settings), settings.lake_bucket, settings.aws_region)
    _check(store)
    tables = {topic: how.table for topic, how in settings.topics.items()}
    writer = Writer(Lake(tables, store.put_new, Whole(store.keys).before))
    consumer = kafka.consumer(settings, settings.sink_group, **_CONSUMER)
    with _left_in_time(consumer), writer.at_work():
        aside = Aside(kafka.producer(settings), REJECTED.name)
        Sink(settings, consumer, aside, writer, health).run(asked)


@contextmanager
def _left_in_time(consumer: Consumer) -> Iterator[None]:
    """Leaves the group at the end; where Kafka is away, it finds out by itself."""
    try:
        yield
    finally:
        is_over(begun(consumer.close), _CLOSE_S)


def _check(store: Store) -> None:
    try:
        store.check()
    except Busy as busy:
        # No reason to stay away: the writer waits for S3, and the sink takes no more than it may hold.
        logger().warning("store_busy", answer=str(busy))


if __name__ == "__main__":
    sys.exit(service.serve("parquet_sink", SinkSettings, keep))
