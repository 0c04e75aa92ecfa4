"""Free ports are free and different."""

import socket

from wardstream.local.ports import LOOPBACK, accepts, are_free, free_ports


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(50)

    assert len(set(ports)) == 50
    assert are_free(ports)
    assert not any(accepts(port) for port in ports)


def test_a_port_that_is_listened_on_is_not_free() -> None:
    with socket.create_server((LOOPBACK, 0)) as listening:
        port = listening.getsockname()[1]

        assert not are_free([port])
        assert accepts(port)
