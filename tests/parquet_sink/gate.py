"""A door between a client and a server on loopback, which a test shuts and opens."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_CHUNK = 65_536


class Gate:
    """Forwards connections to `port` while it's open; shut, it ends those there are and refuses new ones' bytes."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._open = threading.Event()
        self._open.set()
        self._pairs: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self) -> None:
        """From now on nothing passes."""
        self._open.clear()
        self._end_all()

    def open(self) -> None:
        """From now on connections pass again."""
        self._open.set()

    def close(self) -> None:
        """Ends for good."""
        self._listener.close()
        self._end_all()

    def _end_all(self) -> None:
        with self._lock:
            for one in self._pairs:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            self._pairs.clear()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if not self._open.is_set():
                client.close()
                continue
            self._join(client, socket.create_connection(("127.0.0.1", self._target)))

    def _join(self, client: socket.socket, server: socket.socket) -> None:
        with self._lock:
            self._pairs += [client, server]
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=_forward, args=(source, sink), daemon=True).start()


def _forward(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(_CHUNK):
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def gate(port: int) -> Iterator[Gate]:
    """An open gate to `port`."""
    made = Gate(port)
    try:
        yield made
    finally:
        made.close()
