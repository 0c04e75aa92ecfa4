"""Which MQTT sessions are ours: slots leased through Kafka's own group protocol.

Containers have no ordinal, yet a persistent session needs a stable name and always one living owner: what the MQTT
broker queues for a session that nobody reads is stranded. So each partition of the (empty) topic `bridge-slots` is
a session, and the group's assignment says whose. A replica that dies loses its slots within the session timeout.
"""

from collections.abc import Callable
from typing import NamedTuple

from confluent_kafka import Consumer, TopicPartition

from mqtt_bridge.endurance import endure
from wardstream.contracts.topics import BRIDGE_GROUP, BRIDGE_SLOTS
from wardstream.runtime import kafka

Slots = frozenset[int]


class Change(NamedTuple):
    """Sessions to open and to close."""

    opened: Slots
    closed: Slots


def change(held: Slots, assigned: Slots) -> Change:
    """What to do so that exactly the assigned slots are held."""
    return Change(assigned - held, held - assigned)


class Lease:
    """This replica's membership in the slots' group.

    `let_go(assigned, gently)` is called with the slots that are left, before those taken away may go to another
    replica: it must have closed the rest when it returns. `gently` is false when they may have another owner already.
    """

    def __init__(
        self,
        settings: kafka.KafkaSettings,
        let_go: Callable[[Slots, bool], None],
        group: str = BRIDGE_GROUP,
    ) -> None:
        self._let_go = let_go
        self.assigned: Slots = frozenset()
        # Whether the group has told us our slots (perhaps none) and still counts us in.
        self.is_member = False
        self._consumer = kafka.consumer(settings, group, partition_assignment_strategy="cooperative-sticky")
        self._consumer.subscribe(
            [BRIDGE_SLOTS.name], on_assign=self._granted, on_revoke=self._revoked, on_lost=self._lost
        )

    def poll(self) -> None:
        """Takes the group's news; calls `let_go` from within."""
        message = self._consumer.poll(0)
        if message is not None and (error := message.error()) is not None:
            endure(error)

    def leave(self) -> None:
        """Gives every slot back at once, so that another replica needn't wait for a timeout."""
        self._consumer.close()

    def _granted(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.is_member = True
        self.assigned |= _slots(partitions)

    def _revoked(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._less(partitions, gently=True)

    def _lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.is_member = False
        self._less(partitions, gently=False)

    def _less(self, partitions: list[TopicPartition], gently: bool) -> None:
        self.assigned -= _slots(partitions)
        self._let_go(self.assigned, gently)


def _slots(partitions: list[TopicPartition]) -> Slots:
    return frozenset(partition.partition for partition in partitions)
