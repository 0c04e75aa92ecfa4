"""Opens connections and says nothing on them: `python -m tests.security.silent PORT COUNT`, until standard input ends.

A process of its own: paho's loop uses select, which knows no descriptor above 1023.
"""

import resource
import socket
import sys

from wardstream.local.ports import LOOPBACK


def main(port: int, count: int) -> None:
    """Says how many are open, then waits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count + 100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count + 100, hard), hard))
    connections = [socket.create_connection((LOOPBACK, port), timeout=30) for _ in range(count)]
    print(len(connections), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
