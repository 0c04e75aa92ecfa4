"""The acker's MQTT connection: says acknowledgements, as many as the broker takes, and listens to nothing."""

import random
import time
import uuid

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from mqtt_bridge.backoff import pause_s
from mqtt_bridge.mqtt_tls import context
from mqtt_bridge.settings import BridgeSettings
from wardstream.contracts import wire
from wardstream.contracts.ack import Ack
from wardstream.contracts.topics import ack_topic
from wardstream.runtime.logs import logger
from wardstream.runtime.mqtt import BatchedSocket, QuickClient

_KEEPALIVE_S = 30
_CONNECT_TIMEOUT_S = 3.0
_GREETING_S = 15.0
# What may be said and not yet taken by the broker; beyond that acknowledgements wait where newer ones replace them.
MOST_UNSENT_BYTES = 1024 * 1024


class AckLine:
    """MQTT 3.1.1, QoS 0: an acknowledgement that gets lost is said again when the device sends again. One thread."""

    def __init__(self, settings: BridgeSettings) -> None:
        self.is_connected = False
        self._failures = 0
        self._dial_at_s = 0.0
        self._greeted_by_s = 0.0
        # A name of its own: one that is about to leave and its successor would throw each other out for ever.
        name = f"{settings.mqtt_client_prefix}-acker-{uuid.uuid4().hex[:8]}"
        self._client = QuickClient(
            CallbackAPIVersion.VERSION2,
            name,
            clean_session=True,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        if settings.speaks_tls:
            self._client.tls_set_context(context(settings))
        # By this paho leaves writing to us, at the end of a round.
        self._client.on_socket_register_write = _nothing_to_register
        self._client.connect_timeout = _CONNECT_TIMEOUT_S
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.connect_async(settings.mqtt_host, settings.mqtt_port, _KEEPALIVE_S)

    @property
    def has_room(self) -> bool:
        """Whether more may be said now."""
        socket = self._socket
        return self.is_connected and socket is not None and socket.unsent_bytes < MOST_UNSENT_BYTES

    @property
    def _socket(self) -> BatchedSocket | None:
        socket = self._client.socket()
        return socket if isinstance(socket, BatchedSocket) else None

    def keep(self, now_s: float) -> None:
        """Connects when it is time to, reads, and sends what waits. `now_s` is monotonic."""
        if self._socket is None:
            if now_s >= self._dial_at_s:
                self._open(now_s)
            return
        if not self.is_connected and now_s > self._greeted_by_s:
            self._lost("no answer")
            return
        self._client.loop_read()
        self._client.loop_misc()
        self.flush()

    def say(self, device_id: str, ack: Ack) -> None:
        """Tells a device; `flush` sends it."""
        self._client.publish(ack_topic(device_id), wire.encode(ack), qos=0)
        # Else paho's own queue would grow past the bound.
        self._client.loop_write()

    def flush(self) -> None:
        """Writes what was said. What the socket doesn't take now waits for the next."""
        if self._client.want_write():
            self._client.loop_write()
        if (socket := self._socket) is not None:
            try:
                socket.flush()
            except OSError as error:
                self._lost(type(error).__name__)

    def close(self) -> None:
        """Says goodbye and hangs up."""
        if self._socket is not None:
            self._client.on_disconnect = None
            self._client.disconnect()
            self.flush()
        self._hang_up()

    def _open(self, now_s: float) -> None:
        self._greeted_by_s = now_s + _GREETING_S
        try:
            self._client.reconnect()
        except OSError as error:
            # Refused, unknown, timed out, or a certificate that doesn't convince (ssl.SSLError is an OSError).
            self._lost(type(error).__name__)
            return
        self.flush()

    def _lost(self, reason: str) -> None:
        self._hang_up()
        pause = pause_s(self._failures, random.random())  # noqa: S311 -- jitter, no secret
        self._failures += 1
        self._dial_at_s = time.monotonic() + pause
        logger().warning("mqtt_lost", reason=reason, again_in_s=round(pause, 2))

    def _hang_up(self) -> None:
        self.is_connected = False
        self._client.hang_up()

    def _on_connect(
        self, _client: Client, _userdata: object, _f: ConnectFlags, reason: ReasonCode, _p: Properties | None
    ) -> None:
        if not reason.is_failure:
            self.is_connected = True
            self._failures = 0
            logger().info("mqtt_connected")

    def _on_disconnect(
        self, _client: Client, _u: object, _f: DisconnectFlags, reason: ReasonCode, _p: Properties | None
    ) -> None:
        self._lost(str(reason))


def _nothing_to_register(_client: Client, _userdata: object, _socket: object) -> None:
    """Whoever spoke in a round is flushed at its end anyway."""
