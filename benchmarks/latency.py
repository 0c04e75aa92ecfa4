"""From a reading in Kafka to its alarm, read by somebody who sees only what is committed.

`python -m benchmarks.latency [READINGS_PER_S] [SECONDS]`: servers and one worker of its own; one reading in fifty is
dangerous at once, so that each of those raises an alarm. States are written every 2 s; alarms don't wait for that. Beside it, on the same broker
under the same load, what it takes to hear one record of a transaction of nothing else: no alarm can be quicker.

A broker just started compiles its own code for half a minute, on a core of the two here: what alarms take meanwhile is told apart.
"""

import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import quantiles

from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.scoring.made import START_US, reading
from wardstream.contracts import wire
from wardstream.contracts.topics import ALARMS, READINGS
from wardstream.local.servers import start_servers
from wardstream.local.services import provision, service, start_ready
from wardstream.runtime import kafka
from wardstream.runtime.kafka import KafkaSettings

USERS = 2000
ONE_IN = 50
SLICE_S = 0.01
BARE = 200
WARM_UP_S = 30.0


class Heard:
    """When each person's first alarm was heard."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.at_s: dict[str, float] = {}
        self._reader = kafka.consumer(settings, "latency-benchmark", fetch_wait_max_ms=10)
        self._reader.assign([TopicPartition(ALARMS.name, number, 0) for number in range(ALARMS.partitions)])
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ending.is_set():
            message = self._reader.poll(0.1)
            if message is not None and message.error() is None:
                self.at_s.setdefault((message.key() or b"").decode(), time.monotonic())

    def took_ms(self, sent_at_s: dict[str, float]) -> list[float]:
        """From sending to hearing, of those of whom an alarm was heard."""
        return [(self.at_s[user] - at_s) * 1000 for user, at_s in sent_at_s.items() if user in self.at_s]

    def close(self) -> None:
        self._ending.set()
        self._thread.join()
        self._reader.close()


def publish(writer: Producer, per_s: int, seconds: float, who: str) -> dict[str, float]:
    """Writes at a steady rate; when each dangerous reading was handed to Kafka, by person (each once)."""
    sent_at_s = {}
    began = time.monotonic()
    for number in range(round(per_s * seconds)):
        while time.monotonic() < began + number / per_s:
            writer.poll(SLICE_S / 10)
        dangerous = number % ONE_IN == 0
        user = f"{who}-danger-{number}" if dangerous else f"{who}-calm-{number % USERS}"
        # As of now: who has said nothing for a year is looked at by the clock all the time.
        second = time.time() - START_US / 1e6
        said = reading(second, user=user, heart_rate_bpm=25 if dangerous else 80)
        if dangerous:
            sent_at_s[user] = time.monotonic()
        writer.produce(READINGS.name, wire.encode(said), user)
    assert writer.flush(60) == 0
    return sent_at_s


def bare_ms(settings: KafkaSettings, topic: str) -> list[float]:
    """How long a record takes through a transaction of its own, to who reads only what is committed."""
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap})
    admin.create_topics([NewTopic(topic, 1)])[topic].result(60)
    reader = kafka.consumer(settings, "latency-benchmark-bare", fetch_wait_max_ms=10)
    reader.assign([TopicPartition(topic, 0, 0)])
    writer = kafka.producer(settings, transactional_id="latency-benchmark", linger_ms=0)
    writer.init_transactions(60)
    took_ms = []
    for number in range(BARE + 1):
        began_s = time.monotonic()
        writer.begin_transaction()
        writer.produce(topic, b"{}", partition=0)
        writer.commit_transaction(60)
        while (message := reader.poll(10)) is None or message.error() is not None:
            assert time.monotonic() < began_s + 60
        if number:
            took_ms.append((time.monotonic() - began_s) * 1000)
        time.sleep(0.05)
    reader.close()
    return took_ms


def said(took_ms: list[float]) -> str:
    cut = quantiles(sorted(took_ms), n=100)
    return f"p50 {cut[49]:.0f} ms, p90 {cut[89]:.0f} ms, p99 {cut[98]:.0f} ms, most {max(took_ms):.0f} ms"


def main() -> None:
    per_s = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 30.0
    with (
        tempfile.TemporaryDirectory(prefix="latency-benchmark-") as name,
        start_servers(Path(name)) as servers,
    ):
        provision(servers, Path(name))
        settings = KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap)
        worker = start_ready(service("stream_processor", servers, Path(name)))
        heard = Heard(settings)
        # One for all: a new one's first half second goes into finding its broker.
        writer = kafka.producer(settings, linger_ms=0)
        cold_sent_at_s = publish(writer, per_s, WARM_UP_S, "warming-up")
        sent_at_s = publish(writer, per_s, seconds, "measured")
        deadline = time.monotonic() + 30
        while not sent_at_s.keys() <= heard.at_s.keys() and time.monotonic() < deadline:
            time.sleep(0.1)
        heard.close()
        loaded = threading.Thread(target=publish, args=(writer, per_s, BARE * 0.1, "beside"))
        loaded.start()
        bare = bare_ms(settings, "latency-benchmark-bare")
        loaded.join()
        worker.stop()
    took_ms = heard.took_ms(sent_at_s)
    print(f"{per_s} readings/s for {seconds:.0f} s, {len(took_ms)} of {len(sent_at_s)} alarms heard")
    print(f"reading to alarm: {said(took_ms)}")
    print(f"in the broker's first {WARM_UP_S:.0f} s of load: {said(heard.took_ms(cold_sent_at_s))}")
    print(f"a record in a transaction of its own: {said(bare)}")


if __name__ == "__main__":
    main()
