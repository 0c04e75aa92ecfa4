"""What survives of the acker: rows of `device-acks` and the offsets they belong to, written in one fenced transaction."""

from collections.abc import Callable, Iterable

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from mqtt_bridge.contiguous import Progress, decode
from mqtt_bridge.endurance import endure
from wardstream.contracts.topics import ACKER_GROUP, DEVICE_ACKS
from wardstream.runtime import kafka
from wardstream.runtime.failure import CannotRun

# A killed acker's open transaction is aborted by its successor's opening, or after so long.
_TRANSACTION_TIMEOUT_MS = 60_000
_PATIENCE_S = 20.0
_AT_ONCE = 5000


class ProgressTopic:
    """Opening it ends every other acker's right to write: a row can't be replaced by an older one, so what is known of a
    device never goes back once the offsets behind it are committed.
    """

    def __init__(self, settings: kafka.KafkaSettings) -> None:
        self._settings = settings
        self._producer = kafka.producer(
            settings,
            transactional_id=ACKER_GROUP,
            transaction_timeout_ms=_TRANSACTION_TIMEOUT_MS,
            message_timeout_ms=_TRANSACTION_TIMEOUT_MS,
            queue_buffering_max_messages=2_000_000,
            queue_buffering_max_kbytes=1024 * 1024,
        )
        try:
            self._producer.init_transactions(_PATIENCE_S)
        except KafkaException as error:
            raise CannotRun(f"Kafka will not open {DEVICE_ACKS.name}: {error.args[0].str()}") from error

    def load(self, keep_waiting: Callable[[], bool]) -> dict[str, Progress]:
        """Every device's row, newest. Ends early, with what there is, if `keep_waiting` says no."""
        consumer = kafka.consumer(self._settings, "mqtt_bridge.acker.rows", enable_partition_eof=True)
        try:
            unread = set(range(kafka.partitions_of(consumer, DEVICE_ACKS.name)))
            consumer.assign([TopicPartition(DEVICE_ACKS.name, n, OFFSET_BEGINNING) for n in unread])
            rows: dict[str, Progress] = {}
            while unread and keep_waiting():
                for message in consumer.consume(_AT_ONCE, 0.2):
                    error, key, value = message.error(), message.key(), message.value()
                    if error is None and key is not None:
                        _take(rows, key.decode(), value)
                    elif error is not None and error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 -- public in librdkafka
                        unread.discard(message.partition() or 0)
                    elif error is not None:
                        endure(error)
            return rows
        finally:
            consumer.close()

    def save(
        self, rows: Iterable[tuple[str, bytes]], places: list[TopicPartition], consumer: Consumer
    ) -> None:
        """Writes rows and where `consumer` goes on, all or nothing. `CannotRun` if another acker has taken over or Kafka
        stays away too long: then nothing was written.
        """
        try:
            self._producer.begin_transaction()
            for count, (device_id, row) in enumerate(rows):
                self._producer.produce(DEVICE_ACKS.name, row, device_id.encode())
                if count % _AT_ONCE == 0:
                    self._producer.poll(0)
            self._producer.send_offsets_to_transaction(places, consumer.consumer_group_metadata())
            self._producer.commit_transaction()
        except KafkaException as error:
            raise CannotRun(f"Kafka does not take {DEVICE_ACKS.name}: {error.args[0].str()}") from error


def _take(rows: dict[str, Progress], device_id: str, row: bytes | None) -> None:
    if row is None:
        rows.pop(device_id, None)
    else:
        rows[device_id] = decode(row)
