"""Too much, or nonsense: contained, while the fleet goes on."""

import os
import random
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from mqtt_bridge.translate import translate
from tests.security.site import Site, until
from wardstream.contracts.rejected import Rejected

pytestmark = pytest.mark.slow

Show = Callable[[str, int, str, int], None]
# `make test-security` opens 10,000.
SILENT = int(os.environ.get("SILENT", "1000"))
_CONNECT = b"\x10\x13\x00\x04MQTT\x04\x02\x00\x3c\x00\x07mallory"
_NONSENSE = {
    "an answer instead of a question": b"\x20\x02\x00\x00",
    "a length of five bytes": b"\x10\xff\xff\xff\xff\xff\x01",
    "a length that never comes": b"\x10\xff\xff\xff\x7f",
    "another protocol": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a protocol name too long": b"\x10\x0a\xff\xffMQTT\x04\x02\x00\x3c",
    "PUBLISH before CONNECT": b"\x32\x0a\x00\x03a/b\x00\x01hi!",
    "CONNECT twice": _CONNECT + _CONNECT,
    "QoS 3": _CONNECT + b"\x36\x0a\x00\x03a/b\x00\x01hi!",
    "a topic that is not UTF-8": _CONNECT + b"\x32\x0a\x00\x03\xff\xfe\xff\x00\x01hi!",
    "a topic with a wildcard": _CONNECT + b"\x32\x0a\x00\x03a/+\x00\x01hi!",
    "a packet of type 0": _CONNECT + b"\x00\x00",
    "packet id 0": _CONNECT + b"\x32\x0a\x00\x03a/b\x00\x00hi!",
    "SUBSCRIBE without a topic": _CONNECT + b"\x82\x02\x00\x01",
}
_BOMBS = {
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 20_000,
    "deep within a field": b'{"v":1,"device_id":"d","x":' + b"[" * 100_000,
    "deep and closed": b"[" * 60_000 + b"]" * 60_000,
    "a huge whole number": b'{"v":1,"device_id":"d","seq":' + b"9" * 100_000 + b"}",
    "a huge exponent": b'{"v":1,"device_id":"d","heart_rate_bpm":1e999999999}',
    "a long fraction": b'{"v":1,"device_id":"d","heart_rate_bpm":0.' + b"1" * 100_000 + b"}",
    "many keys": b"{" + b",".join(b'"k%d":1' % n for n in range(9_000)) + b"}",
    "one key many times": b"{" + b",".join([b'"v":1'] * 20_000) + b"}",
    "a long text": b'{"v":1,"device_id":"' + b"d" * 120_000 + b'"}',
    "many escapes": b'{"v":1,"device_id":"' + b"\\u0041" * 20_000 + b'"}',
    "NaN": b'{"v":1,"device_id":"d","heart_rate_bpm":NaN}',
}  # fmt: skip
_LONGEST_S = 2.0


def test_a_payload_of_ten_megabytes_ends_the_connection_and_no_more(secured: Site, show: Show) -> None:
    mallory = secured.device("mallory")
    before_mb = secured.memory_mb()

    mallory.publish("iot/device/mallory", bytes(10 * 2**20))
    until(lambda: mallory.disconnects == 1, "the broker to hang up")

    grown_mb = secured.memory_mb() - before_mb
    assert mallory.acknowledged == 0
    assert grown_mb < 10
    show("a payload of 10 MB", 1, f"connection ended, {grown_mb:.1f} MB of memory", secured.fleet_goes_on())


def test_connections_that_say_nothing_keep_nobody_out(secured: Site, show: Show) -> None:
    before_mb = secured.memory_mb()
    command = [sys.executable, "-m", "tests.security.silent", str(secured.ports.devices), str(SILENT)]

    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as silent:
        assert silent.stdout is not None
        is_open = int(silent.stdout.readline())
        # All are open, and who is honest is let in and heard.
        newcomer = secured.device("gateway_1")
        fleet = secured.fleet_goes_on()
        grown_mb = secured.memory_mb() - before_mb
        newcomer.leave()
        silent.communicate(timeout=60)

    assert is_open == SILENT
    show("connections that say nothing", SILENT, f"open, {grown_mb:.0f} MB of memory", fleet)


def test_malformed_mqtt_ends_its_own_connection_at_most(secured: Site, show: Show) -> None:
    draw = random.Random(8)
    sent = [
        *_NONSENSE.values(),
        *(draw.randbytes(draw.randrange(1, 200)) for _ in range(50)),
        *(_CONNECT + draw.randbytes(draw.randrange(1, 200)) for _ in range(50)),
    ]

    for each in sent:
        with secured.raw_tls("mallory") as connection, suppress(OSError, ssl.SSLError):
            connection.settimeout(0.05)
            connection.sendall(each)
            connection.recv(100)
    for each in sent[:20]:
        with secured.raw() as connection, suppress(OSError):
            connection.settimeout(0.05)
            connection.sendall(each)
            connection.recv(100)

    show("malformed MQTT and TLS", len(sent) + 20, "contained", secured.fleet_goes_on())


@pytest.mark.parametrize("bomb", _BOMBS)
def test_a_json_bomb_is_one_refusal(bomb: str) -> None:
    payload = _BOMBS[bomb]

    begun_s = time.perf_counter()
    outcome = translate("iot/device/d", payload, 0, {})
    taken_s = time.perf_counter() - begun_s

    assert isinstance(outcome, Rejected)
    # No measurement: only what would hold up a bridge for everybody.
    assert taken_s < _LONGEST_S


def test_json_bombs_reach_the_bridge_and_leave_the_fleet_alone(secured: Site, show: Show) -> None:
    mallory = secured.device("mallory")

    for payload in _BOMBS.values():
        mallory.publish("iot/device/mallory", payload)
    until(lambda: mallory.acknowledged == len(_BOMBS), "PUBACKs")
    until(
        lambda: sum(topic == "iot/device/mallory" for topic, _ in secured.bridge.heard) >= len(_BOMBS),
        "the bombs to arrive",
    )
    refused = [
        translate(topic, payload, 0, {})
        for topic, payload in secured.bridge.heard
        if topic.endswith("mallory")
    ]
    secured.bridge.heard.clear()
    mallory.leave()

    assert all(isinstance(each, Rejected) for each in refused)
    show("JSON bombs", len(refused), "each refused with a reason", secured.fleet_goes_on())
