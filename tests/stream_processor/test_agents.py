"""The readings' agent without a broker: what it hands to the desk, and when it refuses to go on."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from stream_processor.agents import Readings
from stream_processor.desk import Desk, Output
from stream_processor.shelf import Row, Shelf
from tests.scoring.made import heart_rates
from wardstream.contracts import wire
from wardstream.contracts.rejected import Rejected
from wardstream.runtime.failure import CannotRun
from wardstream.scoring.limits import DEFAULTS


class Stream:
    """A Faust stream of records of one partition, all under Ada's key."""

    def __init__(self, values: list[bytes]) -> None:
        self._values = values
        self.acknowledged: list[int] = []

    def noack(self) -> "Stream":
        return self

    async def events(self) -> AsyncIterator[Any]:
        for offset, value in enumerate(self._values):
            message = SimpleNamespace(partition=0, timestamp=1.0)
            ack = self._ack(offset)
            yield SimpleNamespace(key=b"ada", value=value, message=message, ack=ack)

    def _ack(self, offset: int) -> Any:
        return lambda: self.acknowledged.append(offset)


def _run(stream: Stream) -> list[Output]:
    said: list[Output] = []

    async def say(outputs: list[Output]) -> None:
        said.extend(outputs)

    async def keep(_rows: list[Row]) -> None:
        """Durable at once."""

    async def crash(failure: Exception) -> None:
        raise failure

    async def scene() -> None:
        desk = Desk(say, keep, crash)
        states, models, own_limits = (Shelf(None, SimpleNamespace(data={})) for _ in range(3))
        await Readings(desk, states, models, own_limits, DEFAULTS).run(stream)
        await desk.settled()

    asyncio.run(scene())
    return said


def test_each_record_is_acknowledged_once_and_in_order_whatever_it_holds() -> None:
    values = [wire.encode(said) for said in heart_rates([120, 70, 130])]
    stream = Stream([values[0], b"garbage", values[1], values[1], values[2]])

    said = _run(stream)

    assert stream.acknowledged == [0, 1, 2, 3, 4]
    assert [type(output).__name__ for output in said] == ["Anomaly", "Rejected", "Anomaly"]


def test_when_nearly_everything_is_refused_it_stops_before_it_sets_a_ward_aside() -> None:
    stream = Stream([b'{"v":99}'] * 3000)

    with pytest.raises(CannotRun, match="is this build too old"):
        _run(stream)

    assert len(stream.acknowledged) < 1000


def test_a_few_bad_records_stop_nothing() -> None:
    good = [wire.encode(said) for said in heart_rates([70] * 1000)]

    said = _run(Stream([value for each in good for value in (each, b"bad")]))

    assert all(isinstance(output, Rejected) for output in said)
    assert len(said) == 1000
