"""Where the source topics end just now: whether a partition has caught up with everything that arrived before an instant."""

from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # public, says the client's manual

from wardstream.contracts.topics import ALARM_ACTIONS, READINGS
from wardstream.runtime import kafka
from wardstream.runtime.kafka import KafkaSettings

_TIMEOUT_S = 10.0
# What is due waits for readings, which may say that somebody isn't silent, and for actions, which may acknowledge.
_TOPICS = (READINGS.name, ALARM_ACTIONS.name)

# By partition and topic: taken up to this offset, everything in the topic is.
Ends = dict[int, dict[str, int]]


class Tide:
    """Asks Kafka. Commits nothing and joins no group."""

    def __init__(self, settings: KafkaSettings, group: str) -> None:
        self._settings = settings
        self._group = group
        self._admin: AdminClient | None = None
        self._consumer: Consumer | None = None

    def ends(self, applied: Mapping[int, Mapping[str, int]]) -> Ends | None:
        """The ends, now, of the partitions in `applied`; None if Kafka doesn't tell.

        Of a topic of which nothing was ever applied (`applied` lacks it) the end is 0 if there is nothing for this group in it.
        """
        try:
            return self._ends(applied)
        except KafkaException:
            return None

    def _ends(self, applied: Mapping[int, Mapping[str, int]]) -> Ends:
        latest: Any = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # the client's
        found: Ends = {}
        for place, end in self._offsets([(topic, n) for n in applied for topic in _TOPICS], latest).items():
            found.setdefault(place.partition, {})[place.topic] = end
        untouched = [
            (topic, number) for number, taken in applied.items() for topic in _TOPICS if topic not in taken
        ]
        for (topic, number), start in self._starts(untouched).items():
            if start >= found[number][topic]:
                found[number][topic] = 0
        return found

    def _offsets(self, places: list[tuple[str, int]], spec: Any) -> dict[TopicPartition, int]:
        if self._admin is None:
            self._admin = AdminClient(kafka.client_config(self._settings))
        asked = {TopicPartition(topic, number): spec for topic, number in places}
        done: Any = self._admin.list_offsets(asked, request_timeout=_TIMEOUT_S) if asked else {}
        return {place: each.result().offset for place, each in done.items()}

    def _starts(self, places: list[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Where the group begins: at its committed offset, else at the oldest record."""
        if not places:
            return {}
        if self._consumer is None:
            self._consumer = kafka.consumer(self._settings, self._group)
        asked = [TopicPartition(topic, number) for topic, number in places]
        committed = self._consumer.committed(asked, timeout=_TIMEOUT_S)
        earliest: Any = OffsetSpec.earliest()  # type: ignore[no-untyped-call]  # the client's
        oldest = self._offsets(places, earliest)
        return {
            (place.topic, place.partition): place.offset if place.offset >= 0 else oldest[place]
            for place in committed
        }


def has_caught_up(applied: Mapping[str, int], ends: Mapping[str, int]) -> bool:
    """Whether everything before `ends` has been applied."""
    return all(applied.get(topic, 0) >= end for topic, end in ends.items())
