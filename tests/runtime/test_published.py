"""Messages taken from memory many at once: those that MQTT 3.1.1 means, whole, in order, and nothing else."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt._packet import decode_publish
from paho.mqtt.enums import MQTTProtocolVersion

from wardstream.runtime.mqtt import BatchedSocket, Published

_PINGRESP = b"\xd0\x00"


class Wire:
    """What has come, all in one read; then nothing."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def recv(self, _buffer_size: int) -> bytes:
        data, self.data = self.data, b""
        return data

    def send(self, _buffer: bytes | bytearray) -> int:
        raise BlockingIOError

    def close(self) -> None: ...

    def fileno(self) -> int:
        return -1

    def setblocking(self, flag: bool) -> None: ...


def _come(data: bytes) -> BatchedSocket:
    """A socket whose bytes are in memory, at the first of them."""
    socket = BatchedSocket(Wire(b"." + data))
    socket.recv(1)
    return socket


def _length(size: int) -> bytes:
    said = bytearray()
    while True:
        size, byte = divmod(size, 128)
        said.append(byte | (0x80 if size else 0))
        if not size:
            return bytes(said)


def _packet(message: Published, flags: int = 0) -> bytes:
    body = struct.pack("!H", len(message.topic)) + message.topic
    body += struct.pack("!H", message.packet_id) + message.payload
    return bytes([0x32 | flags]) + _length(len(body)) + body


_MESSAGES = st.lists(
    st.tuples(
        st.builds(
            Published,
            packet_id=st.integers(1, 65535),
            topic=st.binary(min_size=1, max_size=40),
            payload=st.one_of(st.binary(max_size=60), st.binary(min_size=120, max_size=140)),
        ),
        st.sampled_from([0, 1, 8, 9]),
    ),
    max_size=6,
)


@given(_MESSAGES, st.integers(0, 2000))
def test_whole_messages_are_taken_in_order_and_the_rest_stays(
    said: list[tuple[Published, int]], cut: int
) -> None:
    packets = [_packet(message, flags) for message, flags in said]
    data = b"".join(packets)[:cut]
    socket = _come(data)

    taken = socket.publishes(100)

    whole = [number for number in range(len(said)) if sum(map(len, packets[: number + 1])) <= cut]
    assert taken == [said[number][0] for number in whole]
    assert socket.pending() == len(data) - sum(len(packets[number]) for number in whole)


@given(_MESSAGES)
def test_they_are_what_paho_reads(said: list[tuple[Published, int]]) -> None:
    for message, flags in said:
        packet = _packet(message, flags)
        body = packet[1 + len(_length(len(message.topic) + 4 + len(message.payload))) :]

        theirs = decode_publish(packet[0], bytearray(body), MQTTProtocolVersion.MQTTv311)

        (ours,) = _come(packet).publishes(1)
        assert (ours.packet_id, ours.topic, ours.payload) == (theirs.mid, theirs.topic, bytes(theirs.payload))


_ONE = Published(7, b"iot/device/a", b"{}")


@pytest.mark.parametrize(
    "other",
    [
        _PINGRESP,
        b"\x30" + _packet(_ONE)[1:],
        b"\x34" + _packet(_ONE)[1:],
        b"\x32\x03\x00\x01a",
        b"\x32\x06\x00\x09a\x00\x01b",
        b"\x32\x04\x00\x00\x00\x01",
        b"\x32\xff\xff\xff\xff\x01",
    ],
    ids=["ping", "qos 0", "qos 2", "too short", "topic past the end", "no topic", "length of five bytes"],
)
def test_what_is_no_whole_qos_1_message_is_left_to_paho(other: bytes) -> None:
    socket = _come(_packet(_ONE) + other + _packet(_ONE))

    first = socket.publishes(100)
    second = socket.publishes(100)

    assert (first, second) == ([_ONE], [])
    assert socket.pending() == len(other) + len(_packet(_ONE))


def test_no_more_are_taken_than_asked_for() -> None:
    socket = _come(_packet(_ONE) * 5)

    assert len(socket.publishes(3)) == 3
    assert len(socket.publishes(3)) == 2
