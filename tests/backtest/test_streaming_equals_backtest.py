"""What a live processor said equals what `wardstream backtest` says of the same readings as the sink stores them."""

from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from parquet_sink.rows import Record as SinkRecord
from parquet_sink.rows import table
from tests.stream_processor.conftest import processor as processor  # noqa: PLC0414 -- a fixture
from tests.stream_processor.people import expected, new_person, ward
from tests.stream_processor.processing import Worker
from tests.stream_processor.topics import listening, write_readings
from wardstream.backtest.backtest import Request, backtest
from wardstream.contracts import wire
from wardstream.contracts.reading import Reading
from wardstream.local.addresses import Addresses

pytestmark = pytest.mark.flow


def _stored(path: Path, readings: list[Reading], partitions: list[int]) -> Path:
    """The readings as the sink stores them, each partition in Kafka's order."""
    records: dict[int, list[SinkRecord]] = defaultdict(list)
    for partition, each in zip(partitions, readings, strict=True):
        records[partition].append(SinkRecord(len(records[partition]), wire.encode(each)))
    pq.write_table(pa.concat_tables(table(partition, each)[0] for partition, each in records.items()), path)
    return path


def test_the_alarms_of_a_live_run_equal_those_of_backtest_id_by_id(
    servers: Addresses, processor: Worker, tmp_path: Path
) -> None:
    users = [new_person() for _ in range(6)]
    readings = ward(users, rounds=60, seed=7)
    wanted = expected(readings)

    with listening(servers, set(users)) as heard:
        partitions = write_readings(servers, readings)
        heard.until(lambda said: said.steps >= wanted.alarms.keys())
    backtest(
        Request(str(_stored(tmp_path / "lake.parquet", readings, partitions)), tmp_path / "alarms.parquet")
    )

    found = pq.read_table(tmp_path / "alarms.parquet").to_pylist()
    live = {alarm.alarm_id for alarm in heard.alarms}
    assert len(live) > 10
    assert {each["alarm_id"] for each in found} == live
