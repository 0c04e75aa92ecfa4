"""A TCP proxy that can be cut. Ours rather than Toxiproxy: cutting is all that is asked of it, and that is a page."""

import socket
import threading
from contextlib import suppress

_PIECE = 1 << 16


class TcpDoor:
    """Forwards from a port of its own to `target`. Cut: connections end, and new ones are closed as they come."""

    def __init__(self, target: int, port: int = 0) -> None:
        self._target = target
        self._is_cut = False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, name="tcp-door", daemon=True).start()

    def cut(self) -> None:
        """Nothing passes any longer."""
        with self._lock:
            self._is_cut = True
            for one in self._open:
                _shut(one)

    def heal(self) -> None:
        """New connections pass."""
        self._is_cut = False

    def close(self) -> None:
        """Ends for good."""
        self.cut()
        _shut(self._listener)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                inside, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(inside,), daemon=True).start()

    def _serve(self, inside: socket.socket) -> None:
        with inside, suppress(OSError):
            if self._is_cut:
                return
            with socket.create_connection(("127.0.0.1", self._target), timeout=10) as outside:
                outside.settimeout(None)
                for one in (inside, outside):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._lock:
                    self._open |= {inside, outside}
                back = threading.Thread(target=_pump, args=(outside, inside), daemon=True)
                back.start()
                _pump(inside, outside)
                back.join()
                with self._lock:
                    self._open -= {inside, outside}


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    _shut(source)
    _shut(target)


def _shut(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
