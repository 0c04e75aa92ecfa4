"""A person in Kafka: tombstones, the action that makes the processor forget, and waiting until services are past a point."""

import time
from collections.abc import Iterable
from typing import NamedTuple

from confluent_kafka import KafkaException, Message

from wardstream.contracts import wire
from wardstream.contracts.alarm_action import Forget
from wardstream.contracts.partitions import partition_of
from wardstream.contracts.topics import ALARM_ACTIONS, DEVICES, USER_MODELS
from wardstream.repartition.reading import Reader, reader
from wardstream.runtime import kafka
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka import KafkaSettings, partitions_of

_POLL_S = 0.2
_CONFIRM_WITHIN_S = 60.0


class Place(NamedTuple):
    """Where one person's records of a topic lie."""

    topic: str
    partition: int


class Topics:
    """Kafka, as an erasure needs it. `CannotRun` if it stays away."""

    def __init__(self, settings: KafkaSettings, patience_s: float) -> None:
        self._settings = settings
        self._patience_s = patience_s

    def place(self, topic: str, user_id: str) -> Place:
        """The partition of a topic keyed by user that holds this person."""
        with reader(self._settings, "wardstream.person") as source:
            return Place(topic, partition_of(user_id.encode(), partitions_of(source.client, topic)))

    def end(self, place: Place) -> int:
        """The offset the next record will get."""
        with reader(self._settings, "wardstream.person") as source:
            return source.bounds(*place)[1]

    def unregister(self, devices: Iterable[str]) -> None:
        """Tombstones for these devices: from now on nobody's."""
        self._said([(DEVICES.name, device, None) for device in devices])

    def forget(self, user_id: str, request: str, at_us: int) -> int:
        """Tombstone for the person's model, then the action that makes the processor forget; that action's offset."""
        action = wire.encode(Forget(user_id=user_id, by=request, at_us=at_us))
        written = self._said([(USER_MODELS.name, user_id, None), (ALARM_ACTIONS.name, user_id, action)])
        return next(offset for topic, offset in written if topic == ALARM_ACTIONS.name)

    def _said(self, records: list[tuple[str, str, bytes | None]]) -> list[tuple[str, int]]:
        written: list[tuple[str, int]] = []

        def confirmed(error: object, message: Message) -> None:
            if error is None:
                written.append((message.topic() or "", message.offset() or 0))

        client = kafka.producer(self._settings)
        for topic, key, value in records:
            client.produce(topic, value, key, on_delivery=confirmed)
        if client.flush(_CONFIRM_WITHIN_S) or len(written) != len(records):
            raise CannotRun("Kafka did not confirm in time: run this again")
        return written

    def wait_for(self, group: str, place: Place, before: int | None, who: str) -> None:
        """Returns once `group` has taken in every record before that offset (None: all there are now).

        `CannotRun` says who is behind when time is up.
        """
        with reader(self._settings, group) as source:
            wanted = source.bounds(*place)[1] if before is None else before
            deadline_s = time.monotonic() + self._patience_s
            while not _is_past(source, place, wanted):
                if time.monotonic() > deadline_s:
                    raise CannotRun(
                        f"{who} (group {group}) has not taken in {place.topic}, partition {place.partition}, up to {wanted} "
                        f"within {self._patience_s:g} s: start it, then run this again"
                    )
                time.sleep(_POLL_S)


def _is_past(source: Reader, place: Place, wanted: int) -> bool:
    try:
        at = source.committed(place.topic, place.partition + 1)[place.partition]
        if at >= wanted:
            return True
        first, _ = source.bounds(*place)
        # The last offsets may be markers of transactions, which nobody gets to read and so nobody commits.
        record = next(iter(source.records(*place, max(at, first))), None)
    except KafkaException:
        # A group's coordinator may take a moment to be found.
        return False
    return record is None or (record.offset() or 0) >= wanted
