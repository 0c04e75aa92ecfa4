"""The one acker at work: reads what Kafka has, remembers how far each device has come, and tells the devices."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from confluent_kafka import OFFSET_BEGINNING, Message, TopicPartition

from mqtt_bridge import numbers
from mqtt_bridge.ack_line import AckLine
from mqtt_bridge.acker_settings import AckerSettings
from mqtt_bridge.contiguous import Progress, encode
from mqtt_bridge.due import Due
from mqtt_bridge.endurance import endure
from mqtt_bridge.iot_line import AT_ONCE, IotLine
from mqtt_bridge.progress_topic import ProgressTopic
from wardstream.contracts.ack import Ack
from wardstream.contracts.topics import ACKER_GROUP, READINGS, REJECTED
from wardstream.runtime import aws, kafka, metrics
from wardstream.runtime.beside import begun, is_over
from wardstream.runtime.logs import logger

_TURN = 5000
_IDLE_S = 0.05
_TELL_EVERY_S = 0.1
# What a crash makes its successor read again.
_SAVE_EVERY_S = 2.0
_SAVE_PATIENCE_S = 5.0
_TIMEOUT_S = 20.0
_NUMBER_OF = {READINGS.name: numbers.of_reading, REJECTED.name: numbers.of_refusal}


class Line(Protocol):
    """How devices are told. What has no room yet waits here, where a newer acknowledgement takes its place."""

    @property
    def is_connected(self) -> bool: ...
    @property
    def has_room(self) -> bool: ...
    def keep(self, now_s: float, /) -> None: ...
    def say(self, device_id: str, ack: Ack) -> None: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...


class Desk:
    """Reads every partition of both topics: readings of one device lie where their person's do, refusals elsewhere, and both
    after a device changed hands, so only who sees all can tell what is whole.
    """

    def __init__(self, settings: AckerSettings, keep_waiting: Callable[[], bool]) -> None:
        # In this order: from the first line on nobody else writes, so what is read then is the last word.
        self._topic = ProgressTopic(settings)
        self._known = self._topic.load(keep_waiting)
        self._consumer = kafka.consumer(
            settings, ACKER_GROUP, queued_max_messages_kbytes=65536, fetch_max_bytes=16 * 1024 * 1024
        )
        places = self._places()
        self._next = {(place.topic, place.partition): place.offset for place in places if place.offset >= 0}
        self._consumer.assign(places)
        self._line = _line(settings)
        self._due = Due(settings.ack_interval_s)
        self._changed: set[str] = set()
        self._saving: Future[None] | None = None
        self._save_at_s = self._tell_at_s = 0.0
        logger().info("acker_active", devices=len(self._known))

    @property
    def is_connected(self) -> bool:
        """Whether devices can be told."""
        return self._line.is_connected

    def turn(self) -> None:
        """One round."""
        # The first alone, because `consume` waits for all it was asked for.
        self._take(self._consumer.consume(1, _IDLE_S))
        self._take(self._consumer.consume(_TURN, 0))
        now_s = time.monotonic()
        self._line.keep(now_s)
        if now_s >= self._tell_at_s:
            self._tell_at_s = now_s + _TELL_EVERY_S
            self._tell(now_s)
        if now_s >= self._save_at_s and self._is_saved(0):
            self._save_at_s = now_s + _SAVE_EVERY_S
            self._save()

    def close(self, *, gently: bool) -> None:
        """Hangs up; gently: after telling and saving what there is."""
        if gently:
            self._tell(time.monotonic())
            if self._is_saved(_SAVE_PATIENCE_S):
                self._save()
                self._is_saved(_SAVE_PATIENCE_S)
        self._line.close()
        is_over(begun(self._consumer.close), _SAVE_PATIENCE_S)

    def _places(self) -> list[TopicPartition]:
        asked = [
            TopicPartition(topic.name, number)
            for topic in (READINGS, REJECTED)
            for number in range(kafka.partitions_of(self._consumer, topic.name))
        ]
        found = self._consumer.committed(asked, timeout=_TIMEOUT_S)
        return [
            TopicPartition(one.topic, one.partition, one.offset if one.offset >= 0 else OFFSET_BEGINNING)
            for one in found
        ]

    def _take(self, messages: list[Message]) -> None:
        for message in messages:
            if (error := message.error()) is not None:
                endure(error)
                continue
            # The client's stubs allow None here, for messages that were never consumed.
            topic: str = message.topic()  # type: ignore[assignment]  # see above
            place: tuple[str, int] = (topic, message.partition())  # type: ignore[assignment]  # see above
            self._next[place] = message.offset() + 1  # type: ignore[operator]  # see above
            number = _NUMBER_OF[topic](message.value() or b"")
            if number is not None:
                self._note(number)
        metrics.ACKER_TAKEN.inc(len(messages))

    def _note(self, number: numbers.Number) -> None:
        device_id, boot, sequence = number
        known = self._known.get(device_id)
        if known is None:
            known = self._known[device_id] = Progress()
        known.add(boot, sequence)
        self._changed.add(device_id)
        self._due.note(device_id, boot)

    def _tell(self, now_s: float) -> None:
        said = 0
        if self._line.has_room:
            for device_id, boot in self._due.take(now_s):
                ack = self._known[device_id].ack(boot)
                if ack is not None:
                    self._line.say(device_id, ack)
                    said += 1
                if not self._line.has_room:
                    break
            self._line.flush()
        metrics.ACKER_SAID.inc(said)
        metrics.ACKER_DUE.set(len(self._due))
        metrics.ACKER_DEVICES.set(len(self._known))

    def _save(self) -> None:
        if not self._next:
            return
        # Taken together, here: a row never knows less than the offsets say.
        rows = [(device_id, encode(self._known[device_id])) for device_id in self._changed]
        self._changed.clear()
        places = [TopicPartition(topic, number, at) for (topic, number), at in self._next.items()]
        self._next.clear()
        self._saving = begun(lambda: self._topic.save(rows, places, self._consumer))

    def _is_saved(self, wait_s: float) -> bool:
        """Whether no save is under way. Raises what the last one failed with: what it held is read again after a restart."""
        if self._saving is None:
            return True
        if not is_over(self._saving, wait_s):
            return False
        ended, self._saving = self._saving, None
        ended.result()
        return True


def _line(settings: AckerSettings) -> Line:
    return IotLine(aws.iot_data(settings, AT_ONCE)) if settings.source == "kafka" else AckLine(settings)
