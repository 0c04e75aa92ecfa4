"""The desk's order: outputs, then state, then acknowledgement, whatever fails in between."""

import asyncio

import pytest

from stream_processor.desk import Desk, Output
from stream_processor.shelf import Row
from tests.scoring.made import reading
from wardstream.scoring.anomalies import flagged
from wardstream.scoring.limits import DEFAULTS


class Kafka:
    """Writes down what became durable, in order; refuses what it is told to refuse."""

    def __init__(self, refuses: str = "") -> None:
        self.done: list[str] = []
        self.crashed: list[Exception] = []
        self._refuses = refuses

    async def say(self, outputs: list[Output]) -> None:
        await self._write("say", len(outputs))

    async def keep(self, rows: list[Row]) -> None:
        await self._write("keep", len(rows))

    async def _write(self, what: str, count: int) -> None:
        # As a network would: others run in between.
        await asyncio.sleep(0)
        if what == self._refuses:
            raise ConnectionError(what)
        self.done.append(f"{what} {count}")

    async def crash(self, failure: Exception) -> None:
        self.crashed.append(failure)


class Event:
    """A record that notes when it was acknowledged."""

    def __init__(self, kafka: Kafka, name: str) -> None:
        self._kafka = kafka
        self._name = name

    def ack(self) -> bool:
        self._kafka.done.append(f"ack {self._name}")
        return True


def _desk(kafka: Kafka) -> Desk:
    return Desk(kafka.say, kafka.keep, kafka.crash)


def _outputs() -> list[Output]:
    return list(flagged(reading(0, heart_rate_bpm=20), DEFAULTS))


async def _until(kafka: Kafka, last: str) -> None:
    async with asyncio.timeout(10):
        while last not in kafka.done and not kafka.crashed:  # noqa: ASYNC110 -- turn by turn, no clock
            await asyncio.sleep(0)


def test_outputs_come_before_state_and_state_before_acknowledgement() -> None:
    kafka = Kafka()

    async def scene() -> None:
        desk = _desk(kafka)
        for name in ("a", "b"):
            desk.hold(Event(kafka, name), _outputs(), Row(b"ada", 0, name.encode()))
        await _until(kafka, "ack b")

    asyncio.run(scene())

    assert kafka.done == ["say 2", "keep 1", "ack a", "ack b"]


@pytest.mark.parametrize(("refuses", "done"), [("say", []), ("keep", ["say 1"])])
def test_what_kafka_refuses_is_not_acknowledged_and_ends_the_process(refuses: str, done: list[str]) -> None:
    kafka = Kafka(refuses)

    async def scene() -> None:
        desk = _desk(kafka)
        desk.hold(Event(kafka, "a"), _outputs(), Row(b"ada", 0, b"row"))
        await _until(kafka, "ack a")

    asyncio.run(scene())

    assert kafka.done == done
    assert [str(failure) for failure in kafka.crashed] == [refuses]


def test_a_repeated_reading_is_acknowledged_in_its_turn_and_changes_no_state() -> None:
    kafka = Kafka()

    async def scene() -> None:
        desk = _desk(kafka)
        desk.hold(Event(kafka, "first"), [], Row(b"ada", 0, b"row"))
        desk.hold(Event(kafka, "repeated"), [], None)
        await _until(kafka, "ack repeated")

    asyncio.run(scene())

    assert kafka.done == ["say 0", "keep 1", "ack first", "ack repeated"]


def test_a_full_desk_makes_the_agent_wait_until_everything_held_is_durable() -> None:
    kafka = Kafka()

    async def scene() -> None:
        desk = _desk(kafka)
        for number in range(2000):
            desk.hold(Event(kafka, str(number)), [], None)
        await desk.room()

    asyncio.run(scene())

    assert kafka.done[-1] == "ack 1999"
