"""The whole of it: refuse or fence, then topic after topic, `readings` last."""

import time
from typing import NamedTuple

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions

from wardstream.contracts.partitions import partition_of
from wardstream.contracts.state_topic import state_topic
from wardstream.contracts.topics import BRIDGE_GROUP, KEYED_BY_USER, READINGS, USER_MODELS
from wardstream.repartition import refusals
from wardstream.repartition.reading import Reader, reader
from wardstream.repartition.settings import RepartitionSettings
from wardstream.repartition.stock import Stock, take_stock
from wardstream.repartition.writer import Move, Writers
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka import client_config, partitions_of, require_topics
from wardstream.scoring.rows import UnreadableState

_TIMEOUT_S = 30.0
_POLL_S = 0.05
_AT_ONCE = 10_000
_NOBODY = Stock({}, {})


class Grown(NamedTuple):
    """What was done: topics that got partitions, and rows moved, by topic."""

    topics: list[str]
    moved: dict[str, int]


def grow(settings: RepartitionSettings, wanted: int) -> Grown:
    """Gives every topic keyed by user, and the state topic, `wanted` partitions, and moves rows to where they belong.

    `CannotRun` before anything is changed if somebody still writes or reads, or if there is nothing to do; later only if
    Kafka or a worker gets in the way: then run it again.
    """
    require_topics(settings, {topic.name: None for topic in KEYED_BY_USER})
    admin = AdminClient(client_config(settings))
    growing = Growing(settings, admin, wanted)
    refusals.refuse_counts(growing.counts, wanted)
    for group in (settings.processor_group, BRIDGE_GROUP):
        refusals.refuse_members(admin, group)
    with reader(settings, settings.processor_group) as source:
        return growing.run(source)


class Growing:
    """One run. `counts`: the partitions of each topic as they were found."""

    def __init__(self, settings: RepartitionSettings, admin: AdminClient, wanted: int) -> None:
        self._group = settings.processor_group
        self._admin = admin
        self._wanted = wanted
        self._state = state_topic(settings.processor_group)
        self._writers = Writers(settings, self._state)
        self.counts = {topic.name: partitions_of(admin, topic.name) for topic in KEYED_BY_USER}
        # The processor makes its state topic at its first start.
        if self._state in admin.list_topics(timeout=_TIMEOUT_S).topics:
            self.counts[self._state] = partitions_of(admin, self._state)

    def run(self, source: Reader) -> Grown:
        """Everything but the checks that need no reading."""
        # From here on no worker can write, so what is read stays true.
        self._writers.open(range(self.counts.get(self._state, 0)))
        people, models = self._stock(source, self._state), self._stock(source, USER_MODELS.name)
        self._refuse(source, people, models)
        topics, moved = [], {}
        for topic, stock in ((self._state, people), (USER_MODELS.name, models)):
            topics += self._add_partitions(topic)
            moved[topic] = self._move(source, topic, stock)
        # Until the last has grown the processor won't start: its topics' counts differ.
        others = self.counts.keys() - {self._state, USER_MODELS.name, READINGS.name}
        for topic in (*sorted(others), READINGS.name):
            topics += self._add_partitions(topic)
        return Grown(topics, moved)

    def _stock(self, source: Reader, topic: str) -> Stock:
        try:
            return take_stock(source, topic, self.counts[topic]) if topic in self.counts else _NOBODY
        except UnreadableState as error:
            raise CannotRun(f"{topic} can't be read ({error}): run the build that wrote it") from error

    def _refuse(self, source: Reader, people: Stock, models: Stock) -> None:
        wanted = self._wanted
        is_grown = all(count == wanted for count in self.counts.values())
        if is_grown and not people.misplaced(wanted) and not models.misplaced(wanted):
            raise CannotRun(f"every topic has {wanted} partitions already: name a larger number")
        refusals.refuse_doubled(people, self._state)
        refusals.refuse_unapplied(source, self._group, people, self.counts, wanted)

    def _add_partitions(self, topic: str) -> list[str]:
        if self.counts.get(topic, self._wanted) == self._wanted:
            return []
        done = self._admin.create_partitions(
            [NewPartitions(topic, self._wanted)], operation_timeout=_TIMEOUT_S
        )
        try:
            done[topic].result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.INVALID_PARTITIONS:
                raise CannotRun(f"Kafka will not grow topic {topic}: {error.args[0].str()}") from error
        self._wait_until_grown(topic)
        return [topic]

    def _wait_until_grown(self, topic: str) -> None:
        deadline = time.monotonic() + _TIMEOUT_S
        while partitions_of(self._admin, topic) != self._wanted:
            if time.monotonic() > deadline:
                raise CannotRun(f"topic {topic} has not grown to {self._wanted} partitions: run this again")
            time.sleep(_POLL_S)

    def _move(self, source: Reader, topic: str, stock: Stock) -> int:
        """Row by row of each partition; how many. A row never shows in two places, nor in none."""
        moved = 0
        for number, keys in sorted(stock.misplaced(self._wanted).items()):
            rows = source.newest(topic, number)
            moves = [self._moved(key, rows[key], stock) for key in sorted(keys)]
            for start in range(0, len(moves), _AT_ONCE):
                self._writers.move(topic, number, moves[start : start + _AT_ONCE], self._wanted)
            moved += len(moves)
        return moved

    def _moved(self, key: bytes, value: bytes, stock: Stock) -> Move:
        target = partition_of(key, self._wanted)
        # What lies there already was written after the topic had grown: it is newer.
        return Move(key, value, None if target in stock.places[key] else target)
