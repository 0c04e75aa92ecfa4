"""Reads the registry from Kafka: all of it before the first message is taken, then what changes."""

from collections.abc import Callable

from confluent_kafka import OFFSET_BEGINNING, KafkaError, Message, TopicPartition

from mqtt_bridge.endurance import endure
from mqtt_bridge.registry import Registry
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.topics import DEVICES
from wardstream.runtime import kafka, metrics
from wardstream.runtime.logs import logger

_AT_ONCE = 1000


class DevicesTopic:
    """Follows `devices` into a `Registry`. It joins no group and commits nothing: every replica reads every row."""

    def __init__(self, settings: kafka.KafkaSettings, registry: Registry) -> None:
        self._registry = registry
        self._consumer = kafka.consumer(settings, "mqtt_bridge.registry", enable_partition_eof=True)
        partitions = range(kafka.partitions_of(self._consumer, DEVICES.name))
        self._unread = set(partitions)
        self._consumer.assign([TopicPartition(DEVICES.name, n, OFFSET_BEGINNING) for n in partitions])

    def load(self, keep_waiting: Callable[[], bool]) -> bool:
        """Reads to the end of every partition; False if `keep_waiting` said no before that."""
        while self._unread:
            if not keep_waiting():
                return False
            self.follow(timeout_s=0.2)
        return True

    def follow(self, timeout_s: float = 0.0) -> None:
        """Takes the rows that have come."""
        for message in self._consumer.consume(_AT_ONCE, timeout_s):
            error = message.error()
            if error is None:
                self._take(message)
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 -- librdkafka's public name in Python
                self._unread.discard(message.partition() or 0)
            else:
                endure(error)

    def _take(self, message: Message) -> None:
        try:
            self._registry.apply(message.key(), message.value())
        except Malformed as fault:
            metrics.BRIDGE_REGISTRY_MALFORMED.labels(fault.reason).inc()
            logger().warning("registry_row_skipped", reason=fault.reason, offset=message.offset())

    def close(self) -> None:
        """Stops following."""
        self._consumer.close()
