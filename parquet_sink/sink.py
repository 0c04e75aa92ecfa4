"""The loop: Kafka's records into cuts, cuts into the lake, offsets committed behind them."""

import time
from collections import defaultdict
from concurrent.futures import Future
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from parquet_sink import rows
from parquet_sink.anew import Topics
from parquet_sink.cut import Cut
from parquet_sink.holdings import AT_ONCE, Holdings
from parquet_sink.layout import Source
from parquet_sink.settings import SinkSettings
from parquet_sink.writer import Writer
from wardstream.contracts import wire
from wardstream.runtime.aside import Aside
from wardstream.runtime.beside import begun, is_over
from wardstream.runtime.health import Health
from wardstream.runtime.kafka_faults import Fate, fate
from wardstream.runtime.logs import logger
from wardstream.runtime.metrics import SINK_BUFFERED, SINK_FLUSH_S, SINK_MALFORMED
from wardstream.runtime.shutdown import Shutdown
from wardstream.runtime.standstill import Standstill

_BATCH_RECORDS = 5_000
_WAIT_S = 0.25
# Of the ten seconds to leave in, the rest is for leaving the group.
_LEAVE_S = 5.0
_REVOKE_S = 5.0


# Topic and partition.
Place = tuple[str, int]


class Committing(NamedTuple):
    """A commit under way."""

    cuts: list[Cut]
    call: "Future[None]"


class Sink:
    """One member of the sink's group.

    What is held of a revoked partition is dropped, not flushed: a rebalance then never waits for S3, and the next
    owner reads the same records from the last commit (or finds our claim and completes it).
    """

    def __init__(
        self, settings: SinkSettings, consumer: Consumer, aside: Aside, writer: Writer, health: Health
    ) -> None:
        self._topics = settings.topics
        self._known = Topics(settings, settings.topics)
        self._consumer = consumer
        self._aside = aside
        self._writer = writer
        self._health = health
        self._holdings = Holdings(settings.limits)
        self._standstill = Standstill(consumer)
        self._committing: Committing | None = None

    def run(self, asked: Shutdown) -> None:
        """Takes, cuts and commits until asked to leave; then flushes what it can within the grace, commits, leaves."""
        self._consumer.subscribe(
            list(self._topics), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked
        )
        while not asked.requested:
            self._turn()
        self._flush(time.monotonic() + _LEAVE_S)

    def _turn(self) -> None:
        self._tell_health()
        self._known.look()
        if self._holdings.is_full:
            self._take(self._standstill.hold(time.monotonic()))
            self._write(wait_s=_WAIT_S)
        else:
            self._standstill.resume()
            self._take(self._consumer.consume(_BATCH_RECORDS, _WAIT_S))
            self._write(wait_s=0)
        self._commit()

    def _tell_health(self) -> None:
        self._health.beat()
        SINK_BUFFERED.set(self._holdings.rows)
        if self._writer.is_waiting:
            self._health.not_ready("S3")
        else:
            self._health.ready()

    def _take(self, messages: list[Message]) -> None:
        records: defaultdict[Place, list[rows.Record]] = defaultdict(list)
        for message in messages:
            if (error := message.error()) is not None:
                logger().warning("kafka_error", code=error.name(), fate=fate(error).name)
                continue
            # The client's stubs allow None here, for messages that were never consumed.
            place: Place = (message.topic(), message.partition())  # type: ignore[assignment]  # see above
            offset: int = message.offset()  # type: ignore[assignment]  # see above
            records[place].append(rows.Record(offset, message.value() or b"", message.key() or b""))
        for place, taken in records.items():
            self._hold(place, taken)

    def _hold(self, place: Place, records: list[rows.Record]) -> None:
        topic, partition = place
        table, refused = rows.table(partition, records, self._topics[topic])
        for one in refused:
            SINK_MALFORMED.labels(one.fault.reason).inc()
            said = rows.set_aside(topic, partition, one, time.time_ns() // 1000)
            self._aside.put(one.record.key, wire.encode(said))
        size_bytes = sum(len(record.value) for record in records)
        source = Source(topic, self._known.ids[topic], partition)
        self._holdings.take(source, table, records[-1].offset + 1, size_bytes, time.monotonic())

    def _write(self, wait_s: float, *, at_once: bool = False) -> None:
        for cut in self._holdings.cuts(time.monotonic(), AT_ONCE if at_once else None):
            self._writer.give(cut)
        for outcome in self._writer.outcomes(wait_s):
            self._holdings.settle(outcome)

    def _commit(self, wait_s: float = 0) -> None:
        """Tells Kafka what landed, once `readings.rejected` has what was refused; waits for the answer at most `wait_s`."""
        landed = self._holdings.landed()
        if self._committing is None and landed and self._aside.is_done():
            offsets = [
                self._known.committing(cut.source.topic, cut.source.partition, cut.next_offset)
                for cut in landed
            ]
            call = begun(lambda: self._consumer.commit(offsets=offsets, asynchronous=False))
            self._committing = Committing(landed, call)
        if self._committing is not None and is_over(self._committing.call, wait_s):
            ended, self._committing = self._committing, None
            self._settle(ended)

    def _settle(self, ended: Committing) -> None:
        error = ended.call.exception()
        if isinstance(error, KafkaException):
            if fate(error.args[0]) is Fate.REPEAT:
                return
        elif error is not None:
            raise error
        for cut in ended.cuts:
            SINK_FLUSH_S.observe(time.monotonic() - cut.made_at_s)
        self._holdings.committed(ended.cuts)

    def _flush(self, until_s: float) -> None:
        while time.monotonic() < until_s:
            self._write(wait_s=_WAIT_S, at_once=True)
            self._aside.is_done(_WAIT_S)
            self._commit(_WAIT_S)
            if self._holdings.is_at_rest:
                return
        logger().warning("left_unfinished", rows=self._holdings.rows)

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._known.learn()
        self._known.begin(consumer, partitions)

    def _revoked(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        places = {(one.topic, one.partition) for one in partitions}
        logger().info("partitions_revoked", partitions=sorted(places))
        if self._committing is not None:
            # Sent later, it would be under the next generation, for partitions that are another's by then.
            is_over(self._committing.call, _REVOKE_S)
        self._holdings.forget(places)
        self._standstill.forget(partitions)
