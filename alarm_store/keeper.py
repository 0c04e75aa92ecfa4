"""The loop: anomalies and alarms from Kafka into DynamoDB, offsets committed behind them."""

import time
from concurrent.futures import Future

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from alarm_store.batch import Batch, Partition, Record, Refused, set_aside
from alarm_store.hands import Hands, Task
from alarm_store.items import Item, of_alarm, of_anomaly
from alarm_store.settings import StoreSettings
from wardstream.contracts import wire
from wardstream.contracts.malformed import Malformed
from wardstream.runtime.aside import Aside
from wardstream.runtime.beside import begun, is_over
from wardstream.runtime.health import Health
from wardstream.runtime.kafka_faults import Fate, fate
from wardstream.runtime.logs import logger
from wardstream.runtime.metrics import STORE_MALFORMED
from wardstream.runtime.shutdown import Shutdown
from wardstream.runtime.standstill import Standstill

# Ten full requests. Small, so that a slow table doesn't stand between a batch and its commit when asked to leave.
_BATCH_RECORDS = 250
_WAIT_S = 0.25
# Of the ten seconds to leave in, the rest is for leaving the group.
_LEAVE_S = 5.0
_REVOKE_S = 5.0


class Keeper:
    """One member of the store's group: polls a batch, writes it with all hands, commits it, polls the next."""

    def __init__(
        self, settings: StoreSettings, consumer: Consumer, aside: Aside, hands: Hands, health: Health
    ) -> None:
        self._settings = settings
        self._consumer = consumer
        self._aside = aside
        self._hands = hands
        self._health = health
        self._batch = Batch()
        self._standstill = Standstill(consumer)
        self._committing: Future[None] | None = None

    def run(self, asked: Shutdown) -> None:
        """Keeps until asked to leave; then finishes the batch within the grace, commits, leaves."""
        topics = [self._settings.anomalies_topic, self._settings.alarms_topic]
        self._consumer.subscribe(topics, on_revoke=self._revoked, on_lost=self._revoked)
        while not asked.requested:
            self._batch = Batch()
            self._take(self._consumer.consume(_BATCH_RECORDS, _WAIT_S))
            self._finish(asked)
            self._standstill.resume()

    def _finish(self, asked: Shutdown) -> None:
        """Waits until DynamoDB and `readings.rejected` have the batch and Kafka knows it; polls meanwhile, taking no more."""
        leave_s = None
        while not self._is_kept():
            now_s = time.monotonic()
            if self._batch.is_open:
                self._take(self._standstill.hold(now_s))
            if asked.requested:
                leave_s = leave_s or now_s + _LEAVE_S
                if now_s >= leave_s:
                    logger().warning("left_unfinished")
                    return

    def _is_kept(self) -> bool:
        self._tell_health()
        for refused in self._hands.outcomes(_WAIT_S if self._batch.is_open else 0):
            self._settle(refused)
        return not self._batch.is_open and self._aside.is_done(_WAIT_S) and self._is_committed()

    def _tell_health(self) -> None:
        self._health.beat()
        if self._hands.is_waiting:
            self._health.not_ready("DynamoDB")
        else:
            self._health.ready()

    def _settle(self, refused: Refused | None) -> None:
        if refused is not None:
            STORE_MALFORMED.labels(refused.fault.reason).inc()
            self._aside.put(refused.record.key, wire.encode(set_aside(refused, time.time_ns() // 1000)))
        self._batch.done()

    def _take(self, messages: list[Message]) -> None:
        tasks = []
        for message in messages:
            if (error := message.error()) is not None:
                logger().warning("kafka_error", code=error.name(), fate=fate(error).name)
            elif (task := self._task(_record(message))) is not None:
                tasks.append(task)
        self._hands.give(tasks)

    def _task(self, record: Record) -> Task | None:
        self._batch.took(record)
        try:
            return Task(record, self._item(record))
        except Malformed as fault:
            self._settle(Refused(record, fault))
            return None

    def _item(self, record: Record) -> Item:
        if record.partition.topic == self._settings.alarms_topic:
            return of_alarm(wire.alarm(record.value))
        return of_anomaly(wire.anomaly(record.value), self._settings.anomaly_ttl_days)

    def _is_committed(self) -> bool:
        """Whether Kafka knows of the batch; tells it if it hasn't been told. When the group has moved on, it needn't."""
        offsets = [TopicPartition(*partition, at) for partition, at in self._batch.offsets().items()]
        if not offsets:
            return True
        if self._committing is None:
            self._committing = begun(lambda: self._consumer.commit(offsets=offsets, asynchronous=False))
        if not is_over(self._committing, _WAIT_S):
            return False
        error, self._committing = self._committing.exception(), None
        if isinstance(error, KafkaException):
            if fate(error.args[0]) is Fate.REPEAT:
                time.sleep(_WAIT_S)
                return False
            return True
        if error is not None:
            raise error
        return True

    def _revoked(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        logger().info("partitions_revoked", count=len(partitions))
        if self._committing is not None:
            # Sent later, it would be under the next generation, for partitions that are another's by then.
            is_over(self._committing, _REVOKE_S)
        self._batch.forget([Partition(one.topic, one.partition) for one in partitions])
        self._standstill.forget(partitions)


def _record(message: Message) -> Record:
    # The client's stubs allow None here, for messages that were never consumed.
    partition = Partition(message.topic(), message.partition())  # type: ignore[arg-type]  # see above
    offset: int = message.offset()  # type: ignore[assignment]  # see above
    return Record(partition, offset, message.value() or b"", message.key() or b"")
