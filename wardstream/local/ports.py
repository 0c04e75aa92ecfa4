"""Free loopback ports."""

import random
import socket
from collections.abc import Iterable
from contextlib import ExitStack

LOOPBACK = "127.0.0.1"
# Below the kernel's range for outgoing connections, which could take a port between our look and the server's bind.
_CANDIDATES = range(20000, 32000)


def free_ports(count: int) -> tuple[int, ...]:
    """`count` different ports that nobody listens on now. Drawn at random, so that two runs at a time rarely meet."""
    drawn = random.sample(_CANDIDATES, len(_CANDIDATES))
    with ExitStack() as held:
        ports: list[int] = []
        while len(ports) < count:
            port = drawn.pop()
            if _hold(port, held):
                ports.append(port)
    return tuple(ports)


def are_free(ports: Iterable[int]) -> bool:
    """Whether nobody listens on any of them now."""
    with ExitStack() as held:
        return all(_hold(port, held) for port in ports)


def _hold(port: int, held: ExitStack) -> bool:
    bound = held.enter_context(socket.socket())
    # As the servers do: a connection of the last run that is still closing doesn't count.
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((LOOPBACK, port))
    except OSError:
        return False
    return True


def accepts(port: int) -> bool:
    """Whether somebody listens on the loopback port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False
