"""What Mosquitto keeps of messages it has acknowledged when it is killed, by its persistence settings.

`python -m benchmarks.persistence [MESSAGES]`: a session (plain, and of a shared subscription) is away while QoS 1 messages are published and
acknowledged one after the other; then kill -9, a start, and the session comes back.
"""

import sys
import tempfile
import time
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.iot_simulator.broker import Broker, until

MESSAGES = 1000
SETTINGS = {
    "ours (autosave_interval 30)": "",
    "autosave_interval 1": "autosave_interval 1\n",
    "autosave_on_changes true, autosave_interval 1 (each change)": "autosave_on_changes true\nautosave_interval 1\n",
}


def _client(port: int, name: str) -> paho.Client:
    client = paho.Client(CallbackAPIVersion.VERSION2, name, clean_session=False, protocol=paho.MQTTv311)
    client.connect("127.0.0.1", port)
    client.loop_start()
    until(client.is_connected)
    return client


def _leave(client: paho.Client) -> None:
    client.disconnect()
    client.loop_stop()


def lost(more: str, topic: str, messages: int) -> tuple[int, float]:
    """(messages acknowledged and not there after kill -9, publishes a second)."""
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder), "")
        # Global options stand before the listener's.
        text = broker.file.read_text().replace("autosave_interval 30\n", more or "autosave_interval 30\n")
        broker.file.write_text(text)
        broker.start()
        try:
            away = _client(broker.port, "away")
            subscribed: list[int] = []
            away.on_subscribe = lambda *_a: subscribed.append(1)
            away.subscribe(topic, 1)
            until(lambda: bool(subscribed))
            _leave(away)
            speaker = _client(broker.port, "speaker")
            began_s = time.monotonic()
            for number in range(messages):
                speaker.publish("t/x", str(number), qos=1).wait_for_publish(30)
            rate = messages / (time.monotonic() - began_s)
            _leave(speaker)
            broker.kill()
            broker.start()
            heard: set[bytes] = set()
            back = paho.Client(
                CallbackAPIVersion.VERSION2, "away", clean_session=False, protocol=paho.MQTTv311
            )
            back.on_message = lambda _c, _u, message: heard.add(bytes(message.payload))
            back.connect("127.0.0.1", broker.port)
            back.loop_start()
            time.sleep(2)
            _leave(back)
            return messages - len(heard), rate
        finally:
            broker.stop()


def main(messages: int) -> None:
    """Prints a line for each."""
    for name, more in SETTINGS.items():
        for topic in ("t/x", "$share/g/t/x"):
            gone, rate = lost(more, topic, messages)
            print(f"{name}, {topic}: {gone} of {messages} lost, {rate:,.0f} publishes/s one after the other")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES)
