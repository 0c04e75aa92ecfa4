"""Who is not who they say gets nothing: no connection, no message of another's, no message in another's name."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from tests.security.site import Site, site, until
from wardstream.certs.authority import Role
from wardstream.certs.folder import Certificates
from wardstream.local.ports import LOOPBACK

pytestmark = pytest.mark.slow

Show = Callable[[str, int, str, int], None]
TRIES = 5


def everywhere(secured: Site) -> list[tuple[int, bool]]:
    return [
        (secured.ports.devices, False),
        (secured.ports.websocket, True),
        (secured.ports.services, False),
    ]


def test_the_broker_listens_on_loopback_alone(secured: Site) -> None:
    open_at = {
        each.laddr.ip
        for each in psutil.Process(secured.process.pid).net_connections()
        if each.status == psutil.CONN_LISTEN
    }

    assert open_at == {LOOPBACK}


def test_without_a_certificate_nobody_gets_in(secured: Site, show: Show) -> None:
    refused = [secured.is_refused(None, port, websocket=ws) for port, ws in everywhere(secured)]

    assert refused == [True, True, True]
    show("no certificate", len(refused), "refused", secured.fleet_goes_on())


def test_a_certificate_of_another_authority_opens_nothing(secured: Site, show: Show, tmp_path: Path) -> None:
    rogue = Certificates(tmp_path / "rogue")
    now = datetime.now(UTC)
    rogue.init(now)
    rogue.issue(["device_0"], "device", now)
    rogue.issue(["mqtt_bridge"], "service", now)

    refused = [
        secured.is_refused(rogue.files("device_0", "device"), secured.ports.devices),
        secured.is_refused(rogue.files("device_0", "device"), secured.ports.websocket, websocket=True),
        secured.is_refused(rogue.files("mqtt_bridge", "service"), secured.ports.services),
    ]

    assert refused == [True, True, True]
    show("a rogue authority", len(refused), "refused", secured.fleet_goes_on())


def test_an_expired_certificate_opens_nothing(secured: Site, show: Show) -> None:
    expired = secured.issue("device_old", days=-1)

    refused = [
        secured.is_refused(expired, secured.ports.devices),
        secured.is_refused(expired, secured.ports.websocket, websocket=True),
    ]

    assert refused == [True, True]
    show("expired", len(refused), "refused", secured.fleet_goes_on())


@pytest.mark.parametrize(("name", "role", "listener"), [
    ("mqtt_bridge", "device", "services"),
    ("mallory", "service", "devices"),
    ("mallory", "broker", "services"),
])  # fmt: skip
def test_a_certificate_opens_only_the_listener_it_is_for(
    secured: Site, show: Show, name: str, role: Role, listener: str
) -> None:
    shown = secured.issue(name, role)

    refused = secured.is_refused(shown, getattr(secured.ports, listener))

    assert refused
    show(f"{role} certificate at the {listener}' listener", 1, "refused", secured.fleet_goes_on())


@pytest.mark.parametrize("websocket", [False, True])
def test_who_publishes_as_another_device_is_not_heard(secured: Site, show: Show, websocket: bool) -> None:
    mallory = secured.device("mallory", websocket=websocket)
    topics = ["iot/device/device_0", "iot/status/device_0", "iot/device", "iot/gateway/gateway_1/gateway_1:d"]

    for topic in topics:
        mallory.publish(topic, b"forged")
    mallory.publish("iot/device/mallory", b"own")
    # On 3.1.1 a denied publish is acknowledged too: what counts is what arrives.
    until(lambda: mallory.acknowledged == len(topics) + 1, "PUBACKs")
    until(lambda: ("iot/device/mallory", b"own") in secured.bridge.heard, "what mallory may say")

    forged = [each for each in secured.bridge.heard if each[1] == b"forged"]
    secured.bridge.heard.clear()
    mallory.leave()
    assert not forged
    way = "WebSocket" if websocket else "TCP"
    show(
        f"publish as another device ({way})", len(topics), "acknowledged, 0 arrived", secured.fleet_goes_on()
    )


def test_a_gateway_is_heard_on_its_own_level_only(secured: Site, show: Show) -> None:
    gateway = secured.device("gateway_1")

    gateway.publish("iot/gateway/gateway_2/gateway_2:d1", b"forged")
    gateway.publish("iot/device/gateway_1:d1", b"forged")
    gateway.publish("iot/gateway/gateway_1/gateway_1:d1", b"own")
    until(
        lambda: ("iot/gateway/gateway_1/gateway_1:d1", b"own") in secured.bridge.heard, "the gateway's device"
    )

    forged = [each for each in secured.bridge.heard if each[1] == b"forged"]
    secured.bridge.heard.clear()
    gateway.leave()
    assert not forged
    show("publish for another gateway's device", 2, "0 arrived", secured.fleet_goes_on())


def test_nobody_hears_anothers_acknowledgements(secured: Site, show: Show) -> None:
    mallory, acker = secured.device("mallory"), secured.service("acker")
    own = secured.device("device_4")
    for topic in ("cmd/device/device_0/ack", "cmd/device/+/ack", "#", "$SYS/#", "iot/device/+"):
        mallory.subscribe(topic)
    own.subscribe("cmd/device/device_4/ack")

    for _ in range(TRIES):
        acker.publish("cmd/device/device_0/ack", b"private")
        acker.publish("cmd/device/device_4/ack", b"kept")
    acker.publish("cmd/device/mallory/ack", b"own")
    # Order within a connection: once this is here, all before it would be.
    until(lambda: ("cmd/device/mallory/ack", b"own") in mallory.heard, "mallory's own")
    until(lambda: len(own.heard) == TRIES, "device_4's acknowledgements")

    # The same certificate is the same session: the fleet's own device_4 was evicted by this test, not by an attack.
    secured.fleet[4] = own
    heard = {topic for topic, _ in mallory.heard}
    mallory.leave()
    acker.leave()
    assert heard == {"cmd/device/mallory/ack"}
    show(
        "read another's acks; subscribe to #, $SYS/#",
        5,
        "granted, 0 of theirs delivered",
        secured.fleet_goes_on(),
    )


def test_a_service_may_do_its_own_work_only(secured: Site, show: Show) -> None:
    acker, monitor = secured.service("acker"), secured.service("monitor")
    acker.subscribe("iot/device/+")

    acker.publish("iot/device/device_0", b"forged")
    monitor.publish("cmd/device/device_0/ack", b"forged")
    until(lambda: acker.acknowledged == 1 and monitor.acknowledged == 1, "PUBACKs")
    fleet = secured.fleet_goes_on()

    heard = list(acker.heard)
    acker.leave()
    monitor.leave()
    assert not heard
    show("a service outside its own work", 3, "0 arrived, 0 delivered", fleet)


def test_no_client_id_takes_anothers_session(secured: Site, show: Show) -> None:
    ids = ["device_0", "mqtt_bridge-0", "device_1"]

    thieves = [secured.device("mallory", client_id=each) for each in ids]
    until(lambda: sum(each.disconnects for each in thieves) == len(ids) - 1, "mallory to evict mallory")

    # Whatever they say, they are all mallory: each evicts the one before, and nobody else.
    assert secured.bridge.disconnects == 0
    thieves[-1].leave()
    show("client-id theft", len(ids), "named mallory all the same", secured.fleet_goes_on())


def test_a_revoked_device_is_out_at_once_and_the_others_stay(tmp_path: Path, show: Show) -> None:
    with site(tmp_path, websocket=False) as own:
        connected = own.device("mallory")
        shown = own.certs.files("mallory", "device")

        own.certs.revoke("mallory", "device", datetime.now(UTC))
        own.reload()
        until(lambda: own.is_refused(shown, own.ports.devices), "the broker to know of it")
        # Who was connected stays so, and is heard no more.
        connected.publish("iot/device/mallory", b"too late")
        until(lambda: connected.acknowledged == 1 or connected.disconnects == 1, "an answer")
        fleet = own.fleet_goes_on()
        late = [each for each in own.bridge.heard if each[1] == b"too late"]

        assert not late
        show("revoked, SIGHUP", 2, "new refused, connected silenced", fleet)


def test_a_revoked_device_is_not_heard_on_a_websocket_after_a_restart(tmp_path: Path, show: Show) -> None:
    certs = tmp_path / "certs"
    with site(tmp_path / "a") as first:
        first.certs.revoke("mallory", "device", datetime.now(UTC))
        shutil.copytree(first.certs.path, certs)
    (tmp_path / "b").mkdir()
    shutil.copytree(certs, tmp_path / "b" / "certs")

    with site(tmp_path / "b") as own:
        # Mosquitto 2.0.11 lets it in, for it checks no revocation list on WebSockets; the rules shut it out.
        mallory = own.device("mallory", websocket=True)
        mallory.publish("iot/device/mallory", b"revoked")
        until(lambda: mallory.acknowledged == 1, "its PUBACK")
        fleet = own.fleet_goes_on()
        heard = [each for each in own.bridge.heard if each[1] == b"revoked"]

        assert not heard
        show("revoked, on a WebSocket", 1, "connected, 0 arrived", fleet)
