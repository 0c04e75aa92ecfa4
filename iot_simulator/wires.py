"""All connections' sockets under one selector: dialling, reading, writing, keeping alive."""

import selectors
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from iot_simulator.connection import Connection

if TYPE_CHECKING:
    # paho defines it for type checkers alone.
    from paho.mqtt.client import SocketLike

# Dialling blocks (names, TCP, TLS, WebSocket), so it has threads of its own; more would only crowd the broker.
_DIALLERS = 4
# Each connection's keepalive is looked after every so many rounds, a share of the connections a round.
_ROUNDS_PER_TICK = 50


class Wires:
    """Owns every socket. All methods are called by one thread; `now_us` gives microseconds since the epoch."""

    def __init__(self, connections: Sequence[Connection], now_us: Callable[[], int]) -> None:
        self._connections = connections
        self._now_us = now_us
        self._selector = selectors.DefaultSelector()
        self._diallers = ThreadPoolExecutor(_DIALLERS, thread_name_prefix="dial")
        self._dialled: SimpleQueue[tuple[Connection, Future[bool]]] = SimpleQueue()
        self._away = set(connections)
        self._blocked: set[Connection] = set()
        self._round = 0
        for connection in connections:
            connection.on_socket_close(self._forget)

    def turn(self, spoke: set[Connection]) -> None:
        """One round: writes what `spoke`, reads what came, redials what is away. Never blocks."""
        self._take_dialled()
        for connection in spoke:
            # One that is away belongs to the thread that dials it.
            if connection not in self._blocked and connection not in self._away:
                self._flush(connection)
        for key, events in self._selector.select(0):
            self._serve(key.data, events)
        self._keep_alive()
        self._dial()

    def close(self) -> None:
        """Closes everything; a dial that hangs ends by its own timeout."""
        self._diallers.shutdown(wait=False, cancel_futures=True)
        self._selector.close()

    @property
    def connected(self) -> int:
        """Connections that the broker has accepted."""
        return sum(connection.is_up for connection in self._connections)

    def _serve(self, connection: Connection, events: int) -> None:
        if events & selectors.EVENT_READ:
            connection.read()
        self._settle(connection)

    def _settle(self, connection: Connection) -> None:
        connection.settle(self._now_us())
        self._flush(connection)

    def _flush(self, connection: Connection) -> None:
        done = connection.flush()
        socket = connection.socket
        if socket is None:
            self._lost(connection)
            return
        if done != (connection in self._blocked):
            return
        if done:
            self._blocked.discard(connection)
        else:
            self._blocked.add(connection)
        wanted = selectors.EVENT_READ if done else selectors.EVENT_READ | selectors.EVENT_WRITE
        self._selector.modify(socket, wanted, connection)

    def _take_dialled(self) -> None:
        while True:
            try:
                connection, dialled = self._dialled.get_nowait()
            except Empty:
                return
            connection.is_dialling = False
            socket = connection.socket
            # `result` raises here what nobody foresaw there: a defect must not end as a thread's silence.
            if not dialled.result() or socket is None:
                connection.failed(self._now_us())
                continue
            self._away.discard(connection)
            self._selector.register(socket, selectors.EVENT_READ, connection)
            self._settle(connection)

    def _lost(self, connection: Connection) -> None:
        self._away.add(connection)
        self._blocked.discard(connection)
        connection.failed(self._now_us())

    def _forget(self, socket: "SocketLike") -> None:
        # A socket that broke while it was being dialled was never registered.
        if socket.fileno() in self._selector.get_map():
            self._selector.unregister(socket)

    def _keep_alive(self) -> None:
        self._round += 1
        for connection in self._connections[self._round % _ROUNDS_PER_TICK :: _ROUNDS_PER_TICK]:
            if connection not in self._away:
                connection.tick()
                self._settle(connection)

    def _dial(self) -> None:
        if not self._away:
            return
        now_us = self._now_us()
        for connection in self._away:
            if not connection.is_dialling and connection.redial_at_us <= now_us:
                connection.is_dialling = True
                dialled = self._diallers.submit(connection.dial)
                dialled.add_done_callback(partial(self._note_dialled, connection))

    def _note_dialled(self, connection: Connection, dialled: Future[bool]) -> None:
        self._dialled.put((connection, dialled))
