"""A Mosquitto of a test's own, to be stopped and started again; and somebody who listens to it."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from wardstream.local import mosquitto
from wardstream.local.ports import LOOPBACK, accepts, free_ports


def until(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    """Waits for the condition; fails the test at the deadline."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.02)


class Broker:
    """Mosquitto on a loopback port of its own, with its sessions kept over a restart."""

    def __init__(self, folder: Path, more: str = "") -> None:
        (self.port,) = free_ports(1)
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / "mosquitto.conf"
        self.file.write_text(mosquitto.settings(self.port, str(folder), user="user root") + more)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it accepts connections."""
        self._process = subprocess.Popen(
            [mosquitto.binary(), "-c", str(self.file)], stderr=subprocess.DEVNULL
        )
        until(lambda: accepts(self.port))

    def stop(self) -> None:
        """In an orderly way: it writes its sessions down."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def kill(self) -> None:
        """As power would: what it kept in memory since it last wrote is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None


@contextmanager
def running(folder: Path, more: str = "") -> Iterator[Broker]:
    """A broker that is stopped in the end."""
    broker = Broker(folder, more)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


class Listener:
    """Keeps every message on its topics, in the order of arrival. Its session survives the broker's restart."""

    def __init__(self, port: int, topics: str, host: str = LOOPBACK) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._topics = topics
        self._subscribed = False
        self._client = Client(CallbackAPIVersion.VERSION2, f"listener-{id(self)}", clean_session=False)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.connect(host, port)
        self._client.loop_start()
        until(lambda: self._subscribed)

    def of(self, topic: str) -> list[bytes]:
        """The messages on one topic."""
        return [payload for heard_on, payload in self.heard if heard_on == topic]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, *_: object) -> None:
        self._client.subscribe(self._topics, qos=1)

    def _on_subscribe(self, *_: object) -> None:
        self._subscribed = True

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload)))


@contextmanager
def listening(port: int, topics: str, host: str = LOOPBACK) -> Iterator[Listener]:
    """A listener that is subscribed already."""
    listener = Listener(port, topics, host)
    try:
        yield listener
    finally:
        listener.close()
