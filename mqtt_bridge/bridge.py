"""The loop: reads the sessions this replica holds, carries each message to Kafka, acknowledges what Kafka has."""

import select
import time

from mqtt_bridge.devices_topic import DevicesTopic
from mqtt_bridge.mqtt_source import Session
from mqtt_bridge.pending import Delivery
from mqtt_bridge.publisher import Publisher, to_kafka
from mqtt_bridge.refusals import Refusals
from mqtt_bridge.registry import Registry
from mqtt_bridge.settings import BridgeSettings
from mqtt_bridge.slots import Lease, Slots, change
from mqtt_bridge.translate import translate
from wardstream.contracts.rejected import Rejected
from wardstream.contracts.topics import BRIDGE_SLOTS, DEVICES, READINGS, REJECTED
from wardstream.runtime import kafka, metrics
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.health import Health
from wardstream.runtime.logs import logger
from wardstream.runtime.shutdown import Shutdown

_NEEDED = (READINGS, REJECTED, DEVICES, BRIDGE_SLOTS)
# Kafka's reports have no file descriptor to wait on: look for them this often while there are any to come.
_BUSY_S = 0.002
_IDLE_S = 0.05
_HOUSEKEEPING_S = 0.25
_TELL_S = 1.0
# What a session that is given back may wait for its last confirmations; the next owner gets the rest again.
_SETTLE_S = 4.0


def run(settings: BridgeSettings, asked: Shutdown, health: Health) -> None:
    """Carries messages until asked to leave. `CannotRun` if Kafka doesn't answer or lacks a topic."""
    kafka.require_topics(settings, {topic.name: topic.partitions for topic in _NEEDED})
    registry = Registry()
    rows = DevicesTopic(settings, registry)
    bridge = Bridge(settings, registry, to_kafka(settings))
    health.not_ready("the registry of devices")

    def keep_waiting() -> bool:
        health.beat()
        return not asked.requested

    if rows.load(keep_waiting):
        logger().info("registry_loaded", devices=len(registry.devices))
        _turn_until_asked(bridge, rows, asked, health, settings)
    rows.close()


def _turn_until_asked(
    bridge: "Bridge", rows: DevicesTopic, asked: Shutdown, health: Health, settings: BridgeSettings
) -> None:
    lease = Lease(settings, bridge.let_go)
    next_s = 0.0
    while not asked.requested:
        health.beat()
        bridge.turn()
        if (now_s := time.monotonic()) >= next_s:
            next_s = now_s + _HOUSEKEEPING_S
            rows.follow()
            lease.poll()
            bridge.hold(lease.assigned)
            bridge.tell(now_s)
            _say(health, lease, bridge)
    bridge.let_go(frozenset(), gently=True)
    lease.leave()


def _say(health: Health, lease: Lease, bridge: "Bridge") -> None:
    if not lease.is_member:
        health.not_ready("Kafka to lease a slot")
    elif not bridge.is_connected:
        health.not_ready("MQTT")
    else:
        health.ready()


class Bridge:
    """The sessions held, and the way from them to Kafka and back."""

    def __init__(self, settings: BridgeSettings, registry: Registry, publisher: Publisher) -> None:
        self._settings = settings
        self._devices = registry.devices
        self._publisher = publisher
        self._sessions: dict[int, Session] = {}
        self._refusals = Refusals()
        self._told_s = 0.0

    @property
    def held(self) -> Slots:
        """The slots whose sessions are open here."""
        return frozenset(self._sessions)

    @property
    def is_connected(self) -> bool:
        """Whether every session held is connected and subscribed; true when none is held."""
        return all(session.is_connected for session in self._sessions.values())

    def turn(self) -> None:
        """One round: wait a little, read, take Kafka's reports, acknowledge."""
        now_s, is_full = time.monotonic(), self._publisher.is_full
        for session in self._sessions.values():
            session.keep(now_s)
        if is_full:
            # Nothing is read, so the MQTT broker keeps the rest.
            self._publisher.poll(_IDLE_S)
        else:
            self._read()
            self._publisher.poll()
        for session in self._sessions.values():
            self._acknowledge(session)

    def hold(self, assigned: Slots) -> None:
        """Opens the sessions of slots that have become ours."""
        for slot in sorted(change(self.held, assigned).opened):
            self._sessions[slot] = Session(self._settings, slot, self._carry)
            logger().info("slot_taken", slot=slot)
        metrics.BRIDGE_SLOTS.set(len(self._sessions))

    def let_go(self, assigned: Slots, gently: bool) -> None:
        """Closes the sessions of slots that are no longer ours; gently: once Kafka has what they took, if it answers soon."""
        leaving = {slot: self._sessions.pop(slot) for slot in change(self.held, assigned).closed}
        if gently:
            self._settle(list(leaving.values()))
        for slot, session in sorted(leaving.items()):
            session.close()
            logger().info("slot_released", slot=slot, gently=gently)
        metrics.BRIDGE_SLOTS.set(len(self._sessions))

    def tell(self, now_s: float) -> None:
        """Gauges, and at most once a second what was refused. `CannotRun` if that is nearly everything."""
        metrics.BRIDGE_IN_FLIGHT.set(self._publisher.in_flight)
        metrics.BRIDGE_IN_FLIGHT_BYTES.set(self._publisher.in_flight_bytes)
        if now_s < self._told_s + _TELL_S:
            return
        self._told_s = now_s
        for reason, count in self._refusals.tell().items():
            metrics.BRIDGE_REJECTED.labels(reason).inc(count)
            logger().warning("rejected", reason=reason, count=count)
        if (verdict := self._refusals.verdict) is not None:
            raise CannotRun(f"{verdict}: they wait in {REJECTED.name}; check what the devices send")

    def _read(self) -> None:
        sockets = {
            session.socket: session for session in self._sessions.values() if session.socket is not None
        }
        ready = {sock for sock, session in sockets.items() if session.has_unread}
        pause_s = 0.0 if ready else _BUSY_S if self._publisher.in_flight else _IDLE_S
        ready.update(select.select(list(sockets), [], [], pause_s)[0])
        received = sum(sockets[sock].read() for sock in ready)
        metrics.BRIDGE_RECEIVED.inc(received)

    def _carry(self, topic: str, payload: bytes, delivery: Delivery) -> None:
        outcome = translate(topic, payload, time.time_ns() // 1000, self._devices)
        if isinstance(outcome, Rejected):
            self._refusals.refused(outcome.reason, outcome.device_id)
        else:
            self._refusals.accepted()
        self._publisher.publish(outcome, delivery)

    def _acknowledge(self, session: Session) -> None:
        settled = session.acknowledge()
        if settled:
            metrics.BRIDGE_CARRIED.inc(len(settled))
            # One of each batch, the longest under way: observing every message would cost as much as parsing it.
            metrics.BRIDGE_DELIVERY_S.observe(time.monotonic() - settled[0].arrived_s)

    def _settle(self, sessions: list[Session]) -> None:
        until_s = time.monotonic() + _SETTLE_S
        while any(session.unconfirmed for session in sessions) and time.monotonic() < until_s:
            self._publisher.poll(_BUSY_S)
            for session in sessions:
                self._acknowledge(session)
