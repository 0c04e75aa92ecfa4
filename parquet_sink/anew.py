"""Notices that a topic was deleted and made anew: its offsets begin again, and what the group committed means nothing for it."""

import time
from collections.abc import Collection
from concurrent.futures import Future

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from wardstream.runtime import kafka
from wardstream.runtime.beside import begun, is_over
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka_faults import fate
from wardstream.runtime.logs import logger

_EVERY_S = 10.0
# Together less than what a health check waits for.
_TIMEOUT_S = 8.0
_ATTEMPTS = 3


class Topics:
    """The ids of the topics that are kept. Commits carry them, so that whoever comes next can tell.

    A sink that runs on over the change notices within `_EVERY_S`: what it took of the new topic meanwhile is kept under the old id,
    and kept again by its successor; the views show it once.
    """

    def __init__(self, settings: kafka.KafkaSettings, names: Collection[str]) -> None:
        self._settings = settings
        self._names = names
        self._looking: Future[None] | None = None
        self._looked_s = time.monotonic()
        self._now: dict[str, str] = {}
        self.ids: dict[str, str] = {}

    def learn(self) -> None:
        """Asks for the ids; `CannotRun` if Kafka doesn't tell."""
        self.ids = kafka.topic_ids(self._settings, self._names)

    def begin(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Goes on where the group is; at the beginning of a topic that isn't the one it was in."""
        places = _committed(consumer, partitions)
        for place in places:
            if place.metadata and place.metadata != self.ids[place.topic]:
                logger().warning("topic_made_anew", topic=place.topic, partition=place.partition)
                place.offset = OFFSET_BEGINNING
        consumer.assign(places)

    def committing(self, topic: str, partition: int, next_offset: int) -> TopicPartition:
        """What to commit."""
        return TopicPartition(topic, partition, next_offset, metadata=self.ids[topic])

    def look(self) -> None:
        """Looks now and then, beside the loop, whether they are still the same; `CannotRun` if not."""
        if self._looking is not None and is_over(self._looking, 0):
            self._looking = None
            anew = [name for name, found in self._now.items() if self.ids.get(name, found) != found]
            if anew:
                raise CannotRun(f"topic {anew[0]} was deleted and made anew: start again to keep the new one")
        elif self._looking is None and time.monotonic() - self._looked_s > _EVERY_S:
            self._looked_s = time.monotonic()
            self._looking = begun(self._look)

    def _look(self) -> None:
        # With Kafka away it ends in an error that nobody asks for: the consumer tells of that.
        self._now = kafka.topic_ids(self._settings, self._names)


def _committed(consumer: Consumer, partitions: list[TopicPartition]) -> list[TopicPartition]:
    """Where the group is. A busy coordinator is asked a few times, not for ever: the loop stands still meanwhile."""
    for _ in range(_ATTEMPTS):
        try:
            return consumer.committed(partitions, timeout=_TIMEOUT_S)
        except KafkaException as error:
            # Raises what repeating can't mend.
            told = fate(error.args[0])
            logger().warning("kafka_error", code=error.args[0].name(), fate=told.name)
    raise CannotRun("Kafka does not tell how far the group is: start again when its coordinator answers")
