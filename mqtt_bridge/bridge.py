"""The loop over MQTT: reads the sessions this replica holds, carries each message to Kafka, acknowledges what Kafka has."""

import select
import time

from mqtt_bridge.carrier import Carrier, count
from mqtt_bridge.devices_topic import DevicesTopic
from mqtt_bridge.mqtt_source import Session
from mqtt_bridge.pending import Delivery
from mqtt_bridge.settings import BridgeSettings
from mqtt_bridge.slots import Lease, Slots, change
from mqtt_bridge.translate import translate
from wardstream.runtime import metrics
from wardstream.runtime.health import Health
from wardstream.runtime.logs import logger
from wardstream.runtime.shutdown import Shutdown

# Kafka's reports have no file descriptor to wait on: look for them this often while there are any to come.
_BUSY_S = 0.002
_IDLE_S = 0.05
_HOUSEKEEPING_S = 0.25
# What a session that is given back may wait for its last confirmations; the next owner gets the rest again.
_SETTLE_S = 4.0


def carry(
    settings: BridgeSettings, carrier: Carrier, rows: DevicesTopic, asked: Shutdown, health: Health
) -> None:
    """Carries what MQTT brings until asked to leave."""
    bridge = Bridge(settings, carrier)
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
            carrier.tell(now_s)
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

    def __init__(self, settings: BridgeSettings, carrier: Carrier) -> None:
        self._settings = settings
        self._carrier = carrier
        self._publisher = carrier.publisher
        self._sessions: dict[int, Session] = {}

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
        self._carrier.carry(
            translate(topic, payload, time.time_ns() // 1000, self._carrier.devices), delivery
        )

    def _acknowledge(self, session: Session) -> None:
        count(session.acknowledge(), time.monotonic())

    def _settle(self, sessions: list[Session]) -> None:
        until_s = time.monotonic() + _SETTLE_S
        while any(session.unconfirmed for session in sessions) and time.monotonic() < until_s:
            self._publisher.poll(_BUSY_S)
            for session in sessions:
                self._acknowledge(session)
