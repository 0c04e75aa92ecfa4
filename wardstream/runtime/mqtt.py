"""paho's client with its costs per message taken out: 51 instead of 106 us of processor time a publish (1,000 connections, paho 2.2).

paho reads a PUBACK in three system calls and writes each publish in one of its own; here a connection's bytes of one
round are read and written at once. paho builds MQTT 5's table of properties for every PUBACK, also in MQTT 3.1.1
which has none. And it takes some forty steps to hand over a message and a dozen to acknowledge it; `publishes` and
`acknowledge` do that for many at once. Private methods of paho 2.x are overridden: tests/runtime/test_mqtt.py holds this
client to what the plain one does against the same broker.
"""

import socket
import ssl
import struct
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, NamedTuple

from paho.mqtt.client import PUBACK, Client
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

if TYPE_CHECKING:
    # paho defines it for type checkers alone.
    from paho.mqtt.client import SocketLike

_READ_BYTES = 65536
# The first byte of a PUBLISH with QoS 1, whether sent again or retained.
_PUBLISH, _PUBLISH_MASK = 0x32, 0xF6
_MOST_LENGTH_BYTES = 4
_PUBACK = struct.Struct("!BBH")
# TLS says in its own words that the socket takes no more now.
_NOT_NOW = (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError)
_TAKEN = ReasonCode(PacketTypes.PUBACK)
_NO_PROPERTIES = Properties(PacketTypes.PUBACK)  # type: ignore[no-untyped-call]  # paho left it untyped


class Published(NamedTuple):
    """A message with QoS 1: its packet id, topic and payload as they came."""

    packet_id: int
    topic: bytes
    payload: bytes


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

    def publishes(self, most: int) -> list[Published]:
        """Takes up to `most` QoS 1 messages of MQTT 3.1.1 that are whole in memory, from a packet's first byte on; stops at anything else."""
        found: list[Published] = []
        data, position = self._read, self._position
        while len(found) < most:
            taken = _published(data, position)
            if taken is None:
                break
            message, position = taken
            found.append(message)
        self._position = position
        return found

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


def _published(data: bytes, start: int) -> tuple[Published, int] | None:
    """The QoS 1 message that begins at `start`, and where it ends; None if something else does, or less than all of it."""
    size = len(data)
    if start >= size or data[start] & _PUBLISH_MASK != _PUBLISH:
        return None
    at, length, shift = start + 1, 0, 0
    while True:
        if at >= size or at > start + _MOST_LENGTH_BYTES:
            return None
        byte = data[at]
        at += 1
        length |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 -- the bit that says that more follow
            break
        shift += 7
    end = at + length
    if end > size or length < 4:  # noqa: PLR2004 -- a topic's length and a packet id; what is less, or has no topic, is for paho to refuse
        return None
    topic_end = at + 2 + (data[at] << 8 | data[at + 1])
    if topic_end == at + 2 or topic_end + 2 > end:
        return None
    packet_id = data[topic_end] << 8 | data[topic_end + 1]
    return Published(packet_id, data[at + 2 : topic_end], data[topic_end + 2 : end]), end


class QuickClient(Client):
    """paho's `Client` for MQTT 3.1.1; whoever turns its loop also calls `flush` of its socket, a `BatchedSocket`.

    With `on_socket_register_write` set (to anything), paho leaves all writing to that moment.
    """

    def hang_up(self) -> None:
        """Closes the socket, if there is one, without a goodbye and without calling back."""
        self._sock_close()

    def publishes(self, most: int) -> list[Published]:
        """Takes up to `most` messages that have come whole and are next; `loop_read` takes whatever stops this."""
        socket = self._sock
        if not isinstance(socket, BatchedSocket) or self._in_packet["command"]:
            return []
        found = socket.publishes(most)
        if found:
            self._last_msg_in = time.monotonic()
        return found

    def acknowledge(self, packet_ids: Sequence[int]) -> None:
        """PUBACK for messages with QoS 1, in this order; sent with the next `flush` of the socket. Nothing without a connection."""
        socket = self._sock
        if isinstance(socket, BatchedSocket) and packet_ids:
            pack = _PUBACK.pack
            socket.send(b"".join([pack(PUBACK, 2, packet_id) for packet_id in packet_ids]))
            self._last_msg_out = time.monotonic()

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
