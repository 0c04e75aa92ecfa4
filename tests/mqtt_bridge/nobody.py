"""A publisher whose Kafka isn't there."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from confluent_kafka import KafkaException

from mqtt_bridge.publisher import Publisher
from wardstream.local.ports import LOOPBACK, free_ports
from wardstream.runtime import kafka


@contextmanager
def to_nobody(gives_up_after_ms: int = 0, **limits: int) -> Iterator[Publisher]:
    """Everything stays under way; with `gives_up_after_ms`, for that long."""
    (port,) = free_ports(1)
    settings = kafka.KafkaSettings(kafka_bootstrap=f"{LOOPBACK}:{port}")
    producer = kafka.producer(
        settings, message_timeout_ms=gives_up_after_ms, queue_buffering_max_messages=100_000
    )
    yield Publisher(producer, **limits)
    producer.purge()
    while len(producer):
        with suppress(KafkaException):
            producer.poll(0.1)
    producer.close()
