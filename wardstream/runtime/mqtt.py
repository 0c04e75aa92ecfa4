"""paho's client with two costs taken out: 51 instead of 106 us of processor time a publish (1,000 connections, paho 2.2).

paho reads a PUBACK in three system calls and writes each publish in one of its own; here a connection's bytes of one
round are read and written at once. And paho builds MQTT 5's table of properties for every PUBACK, also in MQTT 3.1.1
which has none. Both are overridden in private methods of paho 2.x: tests/iot_simulator/test_quick_client.py holds this
client to what the plain one does against the same broker.
"""

import socket
import ssl
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

if TYPE_CHECKING:
    # paho defines it for type checkers alone.
    from paho.mqtt.client import SocketLike

_READ_BYTES = 65536
# TLS says in its own words that the socket takes no more now.
_NOT_NOW = (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError)
_TAKEN = ReasonCode(PacketTypes.PUBACK)
_NO_PROPERTIES = Properties(PacketTypes.PUBACK)  # type: ignore[no-untyped-call]  # paho left it untyped


class BatchedSocket:
    """A non-blocking socket whose writes wait for `flush` and whose reads come from memory."""

    def __init__(self, inner: "SocketLike") -> None:
        self._inner = inner
        self._read = b""
        self._position = 0
        self._unsent = bytearray()
        self.linger_s = 0.0

    def recv(self, buffer_size: int) -> bytes:
        """Up to `buffer_size` bytes; as the inner socket when there are none."""
        if self._position >= len(self._read):
            self._read = self._inner.recv(_READ_BYTES)
            self._position = 0
        start = self._position
        self._position += buffer_size
        return self._read[start : self._position]

    def send(self, buffer: bytes | bytearray) -> int:
        """Takes all of it; `flush` sends it."""
        self._unsent += buffer
        return len(buffer)

    def flush(self) -> bool:
        """Sends what waits; False when some is left because the socket takes no more. OSError when it is broken."""
        while self._unsent:
            try:
                taken = self._inner.send(self._unsent)
            except _NOT_NOW:
                return False
            if taken == 0:
                return False
            del self._unsent[:taken]
        return True

    @property
    def unsent_bytes(self) -> int:
        """What `send` has taken and the inner socket not yet."""
        return len(self._unsent)

    def pending(self) -> int:
        """Bytes that can be read although the selector doesn't know of them: ours, and TLS' own."""
        inner = getattr(self._inner, "pending", None)
        return max(0, len(self._read) - self._position) or (inner() if inner else 0)

    def close(self) -> None:
        """Sends what can be sent, then closes; with `linger_s`, gives the other side that long to take it in."""
        with suppress(OSError):
            # Broken already: nothing more was promised of it.
            if self.linger_s and isinstance(self._inner, socket.socket):
                self._linger(self._inner)
            else:
                self.flush()
        self._inner.close()

    def _linger(self, inner: socket.socket) -> None:
        # A socket that is closed with unread bytes resets the connection, and what the other side had not read yet
        # (our last acknowledgements) goes with it. So say that we are done, and read until it says so too.
        inner.settimeout(self.linger_s)
        inner.sendall(self._unsent)
        inner.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + self.linger_s
        while inner.recv(_READ_BYTES) and time.monotonic() < deadline:
            pass

    def fileno(self) -> int:
        """The inner socket's descriptor."""
        return self._inner.fileno()

    def setblocking(self, flag: bool) -> None:
        """As the inner socket."""
        self._inner.setblocking(flag)


class QuickClient(Client):
    """paho's `Client` for MQTT 3.1.1; whoever turns its loop also calls `flush` of its socket, a `BatchedSocket`.

    With `on_socket_register_write` set (to anything), paho leaves all writing to that moment.
    """

    def hang_up(self) -> None:
        """Closes the socket, if there is one, without a goodbye and without calling back."""
        self._sock_close()

    def _create_socket(self) -> "SocketLike":
        return BatchedSocket(super()._create_socket())

    def _handle_pubackcomp(self, cmd: Literal["PUBACK", "PUBCOMP"]) -> MQTTErrorCode:
        if cmd == "PUBCOMP" or len(self._in_packet["packet"]) != struct.calcsize("!H"):
            return super()._handle_pubackcomp(cmd)
        (mid,) = struct.unpack("!H", self._in_packet["packet"])
        with self._out_message_mutex:
            if mid in self._out_messages:
                return self._do_on_publish(mid, _TAKEN, _NO_PROPERTIES)
        return MQTTErrorCode.MQTT_ERR_SUCCESS
