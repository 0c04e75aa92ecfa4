"""One MQTT connection: what waits, what is under way, and what the broker has acknowledged, across every reconnect."""

from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from iot_simulator import backoff
from iot_simulator.link import Link
from iot_simulator.outbox import Outbox
from iot_simulator.said import Said
from iot_simulator.tally import Tally
from wardstream.contracts.topics import MQTT_STATUS
from wardstream.runtime.mqtt import BatchedSocket, QuickClient

if TYPE_CHECKING:
    # paho defines it for type checkers alone.
    from paho.mqtt.client import SocketLike

# Messages under way at once: some 0.2 s of a connection that carries everything, far below MQTT's 65,535 ids.
WINDOW = 2000

# Topics of one SUBSCRIBE: a gateway has hundreds of devices, and the broker bounds a packet.
_TOPICS_AT_ONCE = 500

Acknowledged = Callable[[Said, int], None]
Heard = Callable[[str, bytes], None]


class Connection:
    """A device's or gateway's session (`clean_session` false unless it listens), driven by the loop that owns it.

    Messages leave in the order they were offered. Those under way when a connection breaks are sent again by paho, before
    anything that waited in the outbox. `acknowledged` is called once for each message that the broker has taken.
    """

    def __init__(
        self,
        client_id: str,
        link: Link,
        *,
        outbox: Outbox,
        tally: Tally,
        acknowledged: Acknowledged,
        rng: Random,
        listen: tuple[str, Heard] | None = None,
        acks: tuple[Sequence[str], Heard] | None = None,
    ) -> None:
        self.client_id = client_id
        self.outbox = outbox
        self.is_up = False
        self.is_dialling = False
        self.up_since_us = 0
        self.redial_at_us = 0
        self.under_way: dict[int, tuple[Said, int]] = {}
        self._tally = tally
        self._acknowledged = acknowledged
        self._rng = rng
        self._listen = listen
        self._acks = acks
        self._failures = 0
        self._greeted = True
        self._websocket_path = link.websocket_path
        self._client = self._made(link)

    def _made(self, link: Link) -> Client:
        client = QuickClient(
            CallbackAPIVersion.VERSION2,
            self.client_id,
            # A terminal that only listens leaves no queue behind in the broker.
            clean_session=self._listen is not None,
            protocol=MQTTProtocolVersion.MQTTv311,
            transport="websockets" if link.websocket_path else "tcp",
            reconnect_on_failure=False,
        )
        if link.context is not None:
            client.tls_set_context(link.context)
        # The window is ours: paho looks through all that is under way at each PUBACK when it has a limit of its own.
        client.max_inflight_messages_set(0)
        # By this paho leaves writing to us, at the end of a round, rather than at each publish.
        client.on_socket_register_write = _nothing_to_register
        client.connect_timeout = link.connect_timeout_s
        client.will_set(self._status_topic, "offline", qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.connect_async(link.host, link.port, link.keepalive_s)
        return client

    @property
    def _status_topic(self) -> str:
        return f"{MQTT_STATUS}/{self.client_id}"

    def on_socket_close(self, forget: Callable[["SocketLike"], None]) -> None:
        """Calls `forget` with the socket just before it is closed."""
        self._client.on_socket_close = lambda _client, _userdata, socket: forget(socket)

    def dial(self) -> bool:
        """Opens the connection and says CONNECT; blocks up to the connect timeout, twice with TLS. False: no answer.

        To be called from a thread of its own, while nobody else uses this object.
        """
        try:
            if self._websocket_path is not None:
                self._client.ws_set_options(path=self._websocket_path())
            return self._client.reconnect() == MQTTErrorCode.MQTT_ERR_SUCCESS
        except (OSError, ValueError):
            # Refused, unknown, timed out, wrong certificate (ssl.SSLError is an OSError), or a WebSocket's "no".
            return False

    @property
    def socket(self) -> BatchedSocket | None:
        """The open socket, None while there is none."""
        socket = self._client.socket()
        return socket if isinstance(socket, BatchedSocket) else None

    def failed(self, now_us: int) -> None:
        """The connection could not be made or was lost: dial again later, with jitter."""
        self._failures += 1
        self.redial_at_us = now_us + round(backoff.delay_s(self._failures, self._rng) * 1_000_000)

    def offer(self, said: Said, now_us: int) -> None:
        """Sends the message, or queues it; counts it as refused when the outbox is full."""
        if self.is_up and not self.outbox and len(self.under_way) < WINDOW:
            self._publish(said, now_us)
        elif not self.outbox.offer(said):
            self._tally.refused += 1

    def read(self) -> None:
        """Takes in what has arrived, acknowledgements above all."""
        result = self._client.loop_read()
        while result == MQTTErrorCode.MQTT_ERR_SUCCESS and (socket := self.socket) and socket.pending():
            result = self._client.loop_read()

    def settle(self, now_us: int) -> None:
        """Greets after a connect, then sends what waited, oldest first, as far as the window allows."""
        if self.is_up and not self._greeted:
            self._greeted = True
            self.up_since_us = now_us
            self._client.publish(self._status_topic, "online", qos=1, retain=True)
            if self._listen is not None:
                self._client.subscribe(self._listen[0], qos=1)
            # Each time: a broker that was killed may have forgotten.
            topics = self._acks[0] if self._acks is not None else ()
            for first in range(0, len(topics), _TOPICS_AT_ONCE):
                self._client.subscribe([(topic, 1) for topic in topics[first : first + _TOPICS_AT_ONCE]])
        while self.is_up and self.outbox and len(self.under_way) < WINDOW:
            self._publish(self.outbox.take(), now_us)

    def tick(self) -> None:
        """Keepalive; to be called every second or so."""
        self._client.loop_misc()

    def flush(self) -> bool:
        """Writes what was said in this round; False when the socket takes no more now."""
        if self._client.want_write():
            self._client.loop_write()
        socket = self.socket
        try:
            return socket is None or socket.flush()
        except OSError:
            # The reading side finds the same broken socket, and paho takes it from there.
            self.read()
            return True

    def late_us(self, now_us: int) -> int:
        """How long the oldest waiting message could have been gone, had an open connection taken it at once."""
        oldest_us = self.outbox.oldest_us
        if not self.is_up or oldest_us is None:
            return 0
        return max(0, now_us - max(oldest_us, self.up_since_us))

    def leave(self) -> None:
        """Says offline and goodbye."""
        if self.is_up:
            self._client.publish(self._status_topic, "offline", qos=1, retain=True)
            self._client.disconnect()

    def _publish(self, said: Said, now_us: int) -> None:
        info = self._client.publish(said.route.topic, said.payload, qos=1)
        self.under_way[info.mid] = (said, now_us)
        self._tally.published += 1

    def _on_connect(
        self,
        _client: Client,
        _userdata: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _p: Properties | None,
    ) -> None:
        self.is_up = not reason.is_failure
        self._greeted = not self.is_up

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        _flags: DisconnectFlags,
        _r: ReasonCode,
        _p: Properties | None,
    ) -> None:
        self.is_up = False

    def _on_publish(
        self, _client: Client, _userdata: object, mid: int, _reason: ReasonCode, _p: Properties | None
    ) -> None:
        self._failures = 0
        under_way = self.under_way.pop(mid, None)
        if under_way is not None:
            self._tally.acknowledged += 1
            self._acknowledged(*under_way)

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        listening = self._acks or self._listen
        if listening is not None:
            listening[1](message.topic, bytes(message.payload))


def _nothing_to_register(_client: Client, _userdata: object, _socket: "SocketLike") -> None:
    """Whoever spoke in a round is flushed at its end anyway."""
