"""`python -m mqtt_bridge.acker`: tells each device up to which number Kafka has everything it said.

Replicas stand by: the holder of one lease acknowledges, another takes over when it is gone.
"""

import sys

from mqtt_bridge.acker_settings import AckerSettings
from mqtt_bridge.desk import Desk
from mqtt_bridge.slots import Lease, Slots
from wardstream.contracts.topics import ACKER_LEASE_GROUP, BRIDGE_SLOTS, DEVICE_ACKS, READINGS, REJECTED
from wardstream.runtime import kafka, metrics, service
from wardstream.runtime.health import Health
from wardstream.runtime.shutdown import Shutdown

# Whoever has the session of this number in the acker's own group.
_SLOT = 0
_STANDBY_S = 0.1


class Acker:
    """This replica, at work or standing by."""

    def __init__(self, settings: AckerSettings, asked: Shutdown, health: Health) -> None:
        self._settings = settings
        self._asked = asked
        self._health = health
        self._desk: Desk | None = None

    def let_go(self, assigned: Slots, gently: bool) -> None:
        """Ends the work where the lease is gone. Not gently: another may be at work already."""
        if _SLOT not in assigned and self._desk is not None:
            desk, self._desk = self._desk, None
            desk.close(gently=gently)
            metrics.ACKER_ACTIVE.set(0)
            metrics.ACKER_DEVICES.set(0)

    def turn(self, lease: Lease) -> None:
        """One round."""
        if self._desk is None and _SLOT in lease.assigned:
            self._health.not_ready("what is known of the devices")
            desk = Desk(self._settings, self._keep_waiting)
            if self._asked.requested:
                # It may not know everything: what it would write could take back what is known.
                desk.close(gently=False)
                return
            self._desk = desk
            metrics.ACKER_ACTIVE.set(1)
        if self._desk is None:
            self._say(lease.is_member, "Kafka to lease the work")
            self._asked.wait(_STANDBY_S)
        else:
            self._desk.turn()
            self._say(self._desk.is_connected, "the way to devices")

    def _keep_waiting(self) -> bool:
        self._health.beat()
        return not self._asked.requested

    def _say(self, is_well: bool, waiting_for: str) -> None:
        if is_well:
            self._health.ready()
        else:
            self._health.not_ready(waiting_for)


def run(settings: AckerSettings, asked: Shutdown, health: Health) -> None:
    """Acknowledges until asked to leave. `CannotRun` if Kafka doesn't answer, lacks a topic, or another acker took over."""
    needed = (READINGS, REJECTED, DEVICE_ACKS, BRIDGE_SLOTS)
    kafka.require_topics(settings, {topic.name: topic.partitions for topic in needed})
    acker = Acker(settings, asked, health)
    lease = Lease(settings, acker.let_go, ACKER_LEASE_GROUP)
    while not asked.requested:
        health.beat()
        lease.poll()
        acker.turn(lease)
    acker.let_go(frozenset(), gently=True)
    lease.leave()


if __name__ == "__main__":
    sys.exit(service.serve("acker", AckerSettings, run))
