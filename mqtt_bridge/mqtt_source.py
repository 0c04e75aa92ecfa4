"""One persistent MQTT session: takes messages, and acknowledges them when told that Kafka has them."""

import random
import time
from collections.abc import Callable

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from mqtt_bridge.backoff import pause_s
from mqtt_bridge.mqtt_tls import context
from mqtt_bridge.pending import Delivery, Pending
from mqtt_bridge.settings import BridgeSettings
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.logs import logger
from wardstream.runtime.mqtt import BatchedSocket, QuickClient

# One group for all replicas: the MQTT broker gives each message to one of its sessions.
_SHARE = "$share/wardstream/"
# paho pings after this long without a word, and gives the connection up if the answer takes as long again.
_KEEPALIVE_S = 30
_CONNECT_TIMEOUT_S = 3.0
# To answer CONNECT and SUBSCRIBE.
_GREETING_S = 15.0
_GOODBYE_S = 1.0
_QOS = 1
# Messages of one session before the publisher's limit is looked at again and the others have their turn.
_TURN = 500

# (topic, payload, delivery): what takes a message. It may raise only to end the process.
Carry = Callable[[str, bytes, Delivery], None]


class Session:
    """MQTT 3.1.1, QoS 1, clean_session=False, on a shared subscription. Not for use from several threads.

    The broker keeps what isn't acknowledged and sends it again after any disconnect: at least once, nothing lost.
    """

    def __init__(self, settings: BridgeSettings, slot: int, carry: Carry) -> None:
        self._settings = settings
        self._slot = slot
        self._carry = carry
        self._failures = 0
        self._refused = ""
        self._is_leaving = False
        self._dial_at_s = 0.0
        self._greeted_by_s = 0.0
        self._arrived_s = 0.0
        self._taken = 0
        self.is_connected = False
        # The broker will send these again; on the next connection their packet ids mean other messages.
        self._pending = Pending()
        self._client = self._made()

    def _made(self) -> QuickClient:
        client = QuickClient(
            CallbackAPIVersion.VERSION2,
            f"{self._settings.mqtt_client_prefix}-{self._slot}",
            clean_session=False,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        if self._settings.speaks_tls:
            client.tls_set_context(context(self._settings))
        # By this paho leaves writing to us, at the end of a round, rather than at each acknowledgement.
        client.on_socket_register_write = _nothing_to_register
        client.connect_timeout = _CONNECT_TIMEOUT_S
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.connect_async(self._settings.mqtt_host, self._settings.mqtt_port, _KEEPALIVE_S)
        return client

    @property
    def socket(self) -> BatchedSocket | None:
        """The open socket, None while there is none."""
        socket = self._client.socket()
        return socket if isinstance(socket, BatchedSocket) else None

    @property
    def has_unread(self) -> bool:
        """Whether bytes wait that the socket no longer shows."""
        socket = self.socket
        return socket is not None and socket.pending() > 0

    @property
    def unconfirmed(self) -> int:
        """Messages taken and not acknowledged."""
        return len(self._pending)

    def keep(self, now_s: float) -> None:
        """Connects when it is time to, sends what waits, and keeps the connection alive. `now_s` is monotonic.

        A caller that does not read for a minute (Kafka is away) loses the connection and gets another: what it had
        not acknowledged comes again.
        """
        if self.socket is None:
            if now_s >= self._dial_at_s:
                self._open(now_s)
            return
        if not self.is_connected and now_s > self._greeted_by_s:
            self._lost("no answer")
            return
        self._client.loop_misc()
        self._flush()

    def read(self) -> int:
        """Takes what has come, one turn's worth at most; returns how many. `has_unread` tells whether some is left."""
        self._taken, self._arrived_s = 0, time.monotonic()
        # Bounded: a message cut in two by one read of the socket brings the next read along, so "until nothing is
        # left" would be all that the broker has, past the publisher's limit.
        while self._taken < _TURN:
            for packet_id, topic, payload in self._client.publishes(_TURN - self._taken):
                self._taken += 1
                self._carry(_text(topic), payload, self._pending.add(packet_id, self._arrived_s))
            if self._client.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS or not self.has_unread:
                break
        self._flush()
        return self._taken

    def acknowledge(self) -> list[Delivery]:
        """Sends PUBACK, in order, for what Kafka has confirmed; returns those."""
        settled = self._pending.settle()
        if settled:
            self._client.acknowledge([delivery.token for delivery in settled])
            self._flush()
        return settled

    def close(self) -> None:
        """Disconnects; the broker keeps the session and what is unacknowledged."""
        self._is_leaving = True
        if (socket := self.socket) is not None:
            # Else its last acknowledgements could be lost, and Kafka get those messages twice.
            socket.linger_s = _GOODBYE_S
            self._client.disconnect()
            self._flush()
        self._hang_up()

    def _open(self, now_s: float) -> None:
        self._refused = ""
        self._greeted_by_s = now_s + _GREETING_S
        try:
            self._client.reconnect()
        except OSError as error:
            # Refused, unknown, timed out, or a certificate that doesn't convince (ssl.SSLError is an OSError).
            self._lost(type(error).__name__)
            return
        self._flush()

    def _flush(self) -> None:
        """Writes what was said in this round. What the socket doesn't take now waits for the next."""
        if self._client.want_write():
            self._client.loop_write()
        socket = self.socket
        if socket is None:
            return
        try:
            socket.flush()
        except OSError as error:
            self._lost(type(error).__name__)

    def _lost(self, reason: str) -> None:
        self._hang_up()
        pause = pause_s(self._failures, random.random())  # noqa: S311 -- jitter, no secret
        self._failures += 1
        self._dial_at_s = time.monotonic() + pause
        logger().warning("mqtt_lost", slot=self._slot, reason=reason, again_in_s=round(pause, 2))

    def _hang_up(self) -> None:
        self.is_connected = False
        self._pending = Pending()
        self._client.hang_up()

    def _on_connect(
        self,
        _client: Client,
        _userdata: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _p: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._refused = f"refused: {reason}"
            return
        # Each time, not only for a new session: Mosquitto forgets shared subscriptions when it restarts.
        self._client.subscribe([(_SHARE + name, _QOS) for name in self._settings.filters])

    def _on_subscribe(
        self, _client: Client, _userdata: object, _mid: int, reasons: list[ReasonCode], _p: Properties | None
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            raise CannotRun(
                "the MQTT broker refuses a shared subscription: check MQTT_TOPIC_FILTERS and its rules"
            )
        self.is_connected = True
        self._failures = 0
        logger().info("mqtt_connected", slot=self._slot)

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _p: Properties | None,
    ) -> None:
        # paho has closed the socket; this is also how a refusal and a silent broker end.
        if not self._is_leaving:
            self._lost(self._refused or str(reason))

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self._taken += 1
        # paho offers the bytes nowhere else.
        topic, payload = _text(message._topic), bytes(message.payload)  # noqa: SLF001
        if message.qos == 0:
            self._carry(topic, payload, Delivery(0, self._arrived_s))
        else:
            self._carry(topic, payload, self._pending.add(message.mid, self._arrived_s))


def _text(topic: bytes) -> str:
    # Brokers refuse a topic that isn't UTF-8; should one not, the message is refused later, as nobody's.
    return topic.decode(errors="replace")


def _nothing_to_register(_client: Client, _userdata: object, _socket: object) -> None:
    """Whoever spoke in a round is flushed at its end anyway."""
