"""On port 443 AWS IoT tells MQTT from HTTPS by ALPN, and knows us by our certificate."""

import socket
import ssl
import threading
from pathlib import Path

import pytest

from mqtt_bridge.mqtt_tls import context
from mqtt_bridge.settings import BridgeSettings
from tests.iot_simulator.authority import Authority
from wardstream.local.ports import LOOPBACK

pytestmark = pytest.mark.slow

AWS_ALPN = "x-amzn-mqtt-ca"


def seen_by_the_server(folder: Path, port: int) -> tuple[str | None, str]:
    """The protocol agreed on, and whose certificate the server saw, of a connection made with settings for `port`."""
    authority = Authority(folder / "ca")
    server, ours = authority.sign("server"), authority.sign("bridge")
    listening = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    listening.load_cert_chain(server.certificate, server.key)
    listening.load_verify_locations(authority.file)
    listening.verify_mode = ssl.CERT_REQUIRED
    listening.set_alpn_protocols(["http/1.1", AWS_ALPN])
    settings = BridgeSettings(
        kafka_bootstrap="unused:9092",
        mqtt_host="localhost",
        mqtt_port=port,
        mqtt_ca_file=authority.file,
        mqtt_cert_file=ours.certificate,
        mqtt_key_file=ours.key,
    )
    with socket.create_server((LOOPBACK, 0)) as door:
        asking = threading.Thread(target=_greet, args=(settings, door.getsockname()[1]))
        asking.start()
        inner, _ = door.accept()
        with listening.wrap_socket(inner, server_side=True) as connection:
            agreed, certificate = connection.selected_alpn_protocol(), connection.getpeercert()
        asking.join()
    assert certificate is not None
    names = {name: text for part in certificate["subject"] for name, text in part}  # type: ignore[str-unpack]  # typeshed allows texts here, which `subject` never is
    return agreed, names["commonName"]


def _greet(settings: BridgeSettings, port: int) -> None:
    with (
        socket.create_connection((LOOPBACK, port)) as plain,
        context(settings).wrap_socket(plain, server_hostname=settings.mqtt_host) as connection,
    ):
        connection.recv(1)


def test_on_443_the_bridge_offers_aws_protocol_and_shows_its_certificate(tmp_path: Path) -> None:
    assert seen_by_the_server(tmp_path, 443) == (AWS_ALPN, "bridge")


def test_on_8883_it_offers_none_and_shows_its_certificate(tmp_path: Path) -> None:
    assert seen_by_the_server(tmp_path, 8883) == (None, "bridge")
