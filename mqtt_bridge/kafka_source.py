"""The loop over Kafka: reads `device-raw` as AWS IoT Core's rule fills it, and commits what Kafka has as outcomes."""

import time
from concurrent.futures import Future
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from mqtt_bridge import raw
from mqtt_bridge.carrier import Carrier, count
from mqtt_bridge.devices_topic import DevicesTopic
from mqtt_bridge.pending import Pending
from mqtt_bridge.settings import BridgeSettings
from wardstream.contracts.topics import DEVICE_RAW, RAW_GROUP
from wardstream.runtime import kafka, metrics
from wardstream.runtime.beside import begun, is_over
from wardstream.runtime.health import Health
from wardstream.runtime.kafka_faults import Fate, fate
from wardstream.runtime.logs import logger
from wardstream.runtime.shutdown import Shutdown
from wardstream.runtime.standstill import Standstill

# Records of one turn: few enough that the publisher's limit is looked at often.
_TURN = 500
_BUSY_S = 0.002
_IDLE_S = 0.05
_HOUSEKEEPING_S = 0.25
# What partitions that are given back may wait for their last confirmations and the commit; the next owner redoes the rest.
_SETTLE_S = 5.0
_CLOSE_S = 1.5


def carry(
    settings: BridgeSettings, carrier: Carrier, rows: DevicesTopic, asked: Shutdown, health: Health
) -> None:
    """Carries what the rule writes until asked to leave."""
    source = RawTopic(settings, carrier)
    next_s = 0.0
    while not asked.requested:
        health.beat()
        source.turn()
        if (now_s := time.monotonic()) >= next_s:
            next_s = now_s + _HOUSEKEEPING_S
            rows.follow()
            source.commit()
            source.tell()
            carrier.tell(now_s)
            _say(health, source)
    source.leave()


def _say(health: Health, source: "RawTopic") -> None:
    if source.is_member:
        health.ready()
    else:
        health.not_ready(f"Kafka to assign partitions of {DEVICE_RAW.name}")


class Committing(NamedTuple):
    """A commit under way: where each partition goes on."""

    offsets: dict[int, int]
    call: "Future[None]"


class RawTopic:
    """One member of the group that reads `device-raw`. At least once: an offset is committed only when Kafka has the
    outcomes of all before it; what a killed member had not committed comes again, with the same ids.
    """

    def __init__(self, settings: BridgeSettings, carrier: Carrier) -> None:
        self._carrier = carrier
        self._publisher = carrier.publisher
        self._pending: dict[int, Pending] = {}
        self._next: dict[int, int] = {}
        self._committing: Committing | None = None
        # Whether the group has told us our partitions (perhaps none) and still counts us in.
        self.is_member = False
        self._consumer = kafka.consumer(settings, RAW_GROUP)
        self._standstill = Standstill(self._consumer)
        self._consumer.subscribe(
            [DEVICE_RAW.name], on_assign=self._granted, on_revoke=self._revoked, on_lost=self._lost
        )

    def turn(self) -> None:
        """One round: read, take Kafka's reports, note how far each partition is through."""
        if self._publisher.is_full:
            self._take(self._standstill.hold(time.monotonic()))
            self._publisher.poll(_IDLE_S)
        else:
            self._standstill.resume()
            # The first alone, because `consume` waits for all it was asked for.
            self._take(self._consumer.consume(1, _BUSY_S if self._publisher.in_flight else _IDLE_S))
            self._take(self._consumer.consume(_TURN, 0))
            self._publisher.poll()
        self._settle()

    def commit(self, wait_s: float = 0) -> None:
        """Tells Kafka where each partition goes on, beside the loop; waits for the answer at most `wait_s`."""
        if self._committing is None and self._next:
            offsets, self._next = self._next, {}
            places = [TopicPartition(DEVICE_RAW.name, number, at) for number, at in offsets.items()]
            call = begun(lambda: self._consumer.commit(offsets=places, asynchronous=False))
            self._committing = Committing(offsets, call)
        if self._committing is not None and is_over(self._committing.call, wait_s):
            ended, self._committing = self._committing, None
            self._told(ended)

    def tell(self) -> None:
        """How far behind each partition held is."""
        for number in self._pending:
            metrics.BRIDGE_LAG.labels(str(number)).set(self._lag(number))

    def leave(self) -> None:
        """Waits a little for what is under way, commits it, and gives the partitions back."""
        self._finish()
        # Where Kafka is away, the group finds out by itself.
        is_over(begun(self._consumer.close), _CLOSE_S)

    def _take(self, messages: list[Message]) -> None:
        arrived_s = time.monotonic()
        taken = 0
        for message in messages:
            if (error := message.error()) is not None:
                logger().warning("kafka_error", code=error.name(), fate=fate(error).name)
                continue
            # The client's stubs allow None here, for messages that were never consumed.
            offset: int = message.offset()  # type: ignore[assignment]  # see above
            partition: int = message.partition()  # type: ignore[assignment]  # see above
            record = raw.Raw(message.key(), message.value() or b"", message.timestamp()[1] * 1000)
            pending = self._pending.get(partition)
            if pending is None:
                # Given back while it was on its way to us: its next owner takes it.
                continue
            taken += 1
            delivery = pending.add(offset, arrived_s)
            self._carrier.carry(raw.outcome(record, self._carrier.devices), delivery)
        metrics.BRIDGE_RECEIVED.inc(taken)

    def _settle(self) -> None:
        for number, pending in self._pending.items():
            settled = pending.settle()
            if settled:
                self._next[number] = settled[-1].token + 1
                count(settled, time.monotonic())

    def _granted(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.is_member = True
        self._pending |= {one.partition: Pending() for one in partitions}
        logger().info("partitions_assigned", partitions=sorted(one.partition for one in partitions))

    def _revoked(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._finish()
        self._forget(partitions)

    def _lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.is_member = False
        self._forget(partitions)

    def _forget(self, partitions: list[TopicPartition]) -> None:
        for number in (one.partition for one in partitions):
            self._pending.pop(number, None)
            self._next.pop(number, None)
        self._standstill.forget(partitions)
        metrics.BRIDGE_LAG.clear()
        logger().info("partitions_released", count=len(partitions))

    def _finish(self) -> None:
        until_s = time.monotonic() + _SETTLE_S
        while any(len(pending) for pending in self._pending.values()) and time.monotonic() < until_s:
            self._publisher.poll(_BUSY_S)
            self._settle()
        # The one that is under way, and the last.
        for _ in range(2):
            self.commit(max(0.0, until_s - time.monotonic()))

    def _told(self, ended: Committing) -> None:
        error = ended.call.exception()
        if isinstance(error, KafkaException):
            if fate(error.args[0]) is Fate.REPEAT:
                # Of partitions that are still ours: another's offset would be set back.
                again = {number: at for number, at in ended.offsets.items() if number in self._pending}
                self._next = again | self._next
        elif error is not None:
            raise error

    def _lag(self, number: int) -> int:
        # What the client knows from its fetches: no request of its own.
        place = TopicPartition(DEVICE_RAW.name, number)
        end: int = self._consumer.get_watermark_offsets(place, cached=True)[1]
        (at,) = self._consumer.position([place])
        return max(0, end - at.offset) if at.offset >= 0 else 0
