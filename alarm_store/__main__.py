"""`python -m alarm_store`: keeps every anomaly and alarm in DynamoDB, until asked to leave."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer

from alarm_store.hands import Hands
from alarm_store.keeper import Keeper
from alarm_store.settings import StoreSettings
from alarm_store.store import Busy, Store
from wardstream.contracts.topics import PARTITIONS, REJECTED
from wardstream.runtime import aws, kafka, service
from wardstream.runtime.aside import Aside
from wardstream.runtime.beside import begun, is_over
from wardstream.runtime.health import Health
from wardstream.runtime.logs import logger
from wardstream.runtime.shutdown import Shutdown

_CLOSE_S = 1.5


def keep(settings: StoreSettings, asked: Shutdown, health: Health) -> None:
    """Checks that Kafka and the tables are as the store needs them, then runs it."""
    topics = (settings.anomalies_topic, settings.alarms_topic, REJECTED.name)
    kafka.require_topics(settings, dict.fromkeys(topics, PARTITIONS))
    store = Store(aws.dynamodb(settings))
    _check(store)
    hands = Hands(settings.store_writers, store.put)
    consumer = kafka.consumer(settings, settings.store_group, queued_max_messages_kbytes=16 * 1024)
    with _left_in_time(consumer), hands.at_work():
        Keeper(settings, consumer, Aside(kafka.producer(settings), REJECTED.name), hands, health).run(asked)


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
        # No reason to stay away: the hands wait for DynamoDB, and no more is taken meanwhile.
        logger().warning("store_busy", answer=str(busy))


if __name__ == "__main__":
    sys.exit(service.serve("alarm_store", StoreSettings, keep))
