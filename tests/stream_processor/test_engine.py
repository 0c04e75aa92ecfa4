"""Which partition is written when; that Kafka takes what is written is tested in test_scoring_flow."""

import asyncio
import threading
import time
from collections.abc import Sequence

from stream_processor.checkpoint import Held
from stream_processor.engine import Engine
from stream_processor.fence import Fence
from stream_processor.outputs import Letter
from stream_processor.partition import Partition
from stream_processor.people import People
from stream_processor.settings import ProcessorSettings
from tests.scoring.made import reading
from tests.stream_processor.test_partition import Written
from wardstream.contracts import wire
from wardstream.contracts.topics import READINGS
from wardstream.scoring import rows
from wardstream.scoring.limits import DEFAULTS

_LONG_S = 60.0


class _Kafka(Fence):
    """Takes nothing before it is told to."""

    def __init__(self) -> None:
        self.is_asked, self.answers, self.has_taken = (threading.Event() for _ in range(3))

    def write(self, _rows: Sequence[tuple[bytes, bytes | None]], _letters: Sequence[Letter]) -> None:
        self.is_asked.set()
        assert self.answers.wait(_LONG_S)
        self.has_taken.set()


def _alarming(kafka: _Kafka) -> Held:
    partition = Partition(People({}, 100, rows.encode), {}, DEFAULTS)
    said = wire.encode(reading(0, user="ada", heart_rate_bpm=25))
    partition.take(READINGS.name, [Written(0, b"ada", said)], 0, 1)
    held = Held(partition, kafka)
    held.changed(time.monotonic())
    return held


def test_an_alarm_does_not_wait_for_another_partition_of_which_kafka_takes_nothing() -> None:
    stuck, well = _Kafka(), _Kafka()
    well.answers.set()
    failures: list[BaseException] = []

    async def crash(fault: BaseException) -> None:
        failures.append(fault)

    async def write_both() -> None:
        engine = Engine(ProcessorSettings(kafka_bootstrap="127.0.0.1:1", native=False), DEFAULTS, crash)
        engine.held = {0: _alarming(stuck)}
        running = asyncio.create_task(engine.run())
        assert await asyncio.to_thread(stuck.is_asked.wait, _LONG_S)
        engine.held[1] = _alarming(well)
        try:
            assert await asyncio.to_thread(well.has_taken.wait, _LONG_S / 4)
            assert not stuck.has_taken.is_set()
        finally:
            stuck.answers.set()
        assert await asyncio.to_thread(stuck.has_taken.wait, _LONG_S)
        running.cancel()

    asyncio.run(write_both())
    assert not failures
