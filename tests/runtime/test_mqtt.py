"""The quicker client does what paho's own does, against the same broker."""

import time
from collections.abc import Iterator

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from tests.iot_simulator.broker import Broker, listening, running
from wardstream.runtime.mqtt import BatchedSocket, QuickClient

pytestmark = pytest.mark.flow
MESSAGES = 500


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with running(tmp_path_factory.mktemp("broker")) as started:
        yield started


def turn(client: Client) -> None:
    socket = client.socket()
    if isinstance(socket, BatchedSocket):
        socket.flush()
    client.loop_read()
    client.loop_misc()


def published(client: Client, port: int) -> tuple[list[int], list[int]]:
    """Publishes all messages; (ids given, ids acknowledged in the order of their PUBACKs)."""
    acknowledged: list[int] = []
    client.on_publish = lambda _c, _u, mid, _r, _p: acknowledged.append(mid)
    client.max_inflight_messages_set(MESSAGES)
    assert client.connect("127.0.0.1", port) == MQTTErrorCode.MQTT_ERR_SUCCESS
    deadline = time.monotonic() + 30
    while not client.is_connected():
        assert time.monotonic() < deadline
        turn(client)
    given = [client.publish("iot/device/a", f"{number}", qos=1).mid for number in range(MESSAGES)]
    while len(acknowledged) < MESSAGES:
        assert time.monotonic() < deadline
        turn(client)
    client.disconnect()
    return given, acknowledged


@pytest.mark.parametrize("kind", [Client, QuickClient])
def test_every_publish_arrives_in_order_and_is_acknowledged_once(broker: Broker, kind: type[Client]) -> None:
    client = kind(CallbackAPIVersion.VERSION2, f"test-{kind.__name__}", clean_session=False)

    with listening(broker.port, "iot/device/a") as listener:
        given, acknowledged = published(client, broker.port)
        deadline = time.monotonic() + 30
        while len(listener.heard) < MESSAGES and time.monotonic() < deadline:
            time.sleep(0.01)

    assert given == acknowledged
    assert listener.of("iot/device/a") == [f"{number}".encode() for number in range(MESSAGES)]


def test_the_quick_client_overrides_what_paho_really_calls(broker: Broker) -> None:
    client = QuickClient(CallbackAPIVersion.VERSION2, "test-overrides", clean_session=False)

    client.connect("127.0.0.1", broker.port)

    # Were paho to rename these, the overrides would be dead code and the simulator slow: better to fail here.
    assert isinstance(client.socket(), BatchedSocket)
    assert "_handle_pubackcomp" in vars(Client)
    client.disconnect()


class FullPipe:
    """A socket that takes a few bytes and then no more, until it is emptied."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.taken = b""

    def send(self, buffer: bytes | bytearray) -> int:
        if self.room == 0:
            raise BlockingIOError
        sent = bytes(buffer[: self.room])
        self.room -= len(sent)
        self.taken += sent
        return len(sent)

    def recv(self, buffer_size: int) -> bytes:
        return b"abcdef"[:buffer_size]

    def close(self) -> None: ...

    def fileno(self) -> int:
        return -1

    def setblocking(self, flag: bool) -> None: ...


def test_a_socket_that_takes_no_more_keeps_the_rest_for_the_next_flush() -> None:
    pipe = FullPipe(4)
    socket = BatchedSocket(pipe)
    socket.send(b"123")
    socket.send(b"456")

    first = socket.flush()
    pipe.room = 10
    second = socket.flush()

    assert (first, second, pipe.taken) == (False, True, b"123456")


def test_small_reads_come_from_one_large_one() -> None:
    socket = BatchedSocket(FullPipe(0))

    read = [socket.recv(1), socket.recv(2)]

    assert read == [b"a", b"bc"]
    assert socket.pending() == 3
