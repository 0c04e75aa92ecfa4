"""The rows of the matrix: each a fault, done to a running pipeline and healed before it returns."""

import os
import signal
from collections.abc import Callable, Iterable
from functools import partial
from random import Random
from typing import NamedTuple

from tests.faults.fleet import Fleet
from tests.faults.pipeline import Pipeline
from tests.faults.small_disk import is_possible
from tests.parquet_sink.s3_proxy import Fault
from wardstream.local.services import SERVICES

KILLS = int(os.environ.get("KILLS", "20"))
OUTAGE_S = float(os.environ.get("OUTAGE_S", "60"))
_SHORT_S = 8.0
_REPLICATED = ("mqtt_bridge", "mqtt_bridge.acker", "stream_processor", "parquet_sink", "alarm_store")

Inject = Callable[[Pipeline, Random, Fleet], None]


class Row(NamedTuple):
    """A fault. `episodes`: what befalls the devices meanwhile; `devices`: more of the simulator's arguments. `broker_forgot`: the
    MQTT broker lost what it had taken.
    """

    name: str
    injected: str
    inject: Inject
    episodes: str = "tachycardia,desaturation,late,duplicates,out_of_order,garbage"
    broker_forgot: bool = False
    devices: tuple[str, ...] = ()


def _signals(
    module: str, number: signal.Signals, times: int, pipeline: Pipeline, chance: Random, _fleet: Fleet
) -> None:
    for _ in range(times):
        # Sometimes while it starts, sometimes at work.
        pipeline.wait(chance.uniform(0.2, 4.0))
        pipeline.signal(module, number)


def _fleet_killed(times: int, pipeline: Pipeline, chance: Random, fleet: Fleet) -> None:
    for _ in range(times):
        pipeline.wait(chance.uniform(0.5, 4.0))
        fleet.kill()


def _server_killed(name: str, pipeline: Pipeline, chance: Random, _fleet: Fleet) -> None:
    pipeline.kill_server(name)
    pipeline.wait(chance.uniform(0.5, 2.0))
    pipeline.start_server(name)


def _cut(
    ways: Iterable[tuple[str, str]], seconds: float, pipeline: Pipeline, _chance: Random, _fleet: Fleet
) -> None:
    doors = [pipeline.doors[way] for way in ways]
    for door in doors:
        door.cut()
    pipeline.wait(seconds)
    for door in doors:
        door.heal()


def _s3(fault: Fault, pipeline: Pipeline, _chance: Random, _fleet: Fleet) -> None:
    pipeline.s3_gate.fault = fault
    pipeline.wait(_SHORT_S)
    pipeline.s3_gate.fault = None


def _dynamodb(fault: Fault, pipeline: Pipeline, _chance: Random, _fleet: Fleet) -> None:
    pipeline.dynamodb_gate.fault = fault
    pipeline.wait(_SHORT_S)
    pipeline.dynamodb_gate.fault = None


def _rebalanced(pipeline: Pipeline, chance: Random, _fleet: Fleet) -> None:
    names = [(module, f"{module}-{n}") for module in _REPLICATED for n in (2, 3)]
    for module, name in names:
        pipeline.start(module, name)
        pipeline.wait(chance.uniform(0.2, 1.0))
    pipeline.until(pipeline.is_ready, "the replicas")
    for _, name in names:
        pipeline.leave(name)


def _disk_full(who: str, pipeline: Pipeline, _chance: Random, _fleet: Fleet) -> None:
    pipeline.disks[who].fill()
    pipeline.wait(_SHORT_S)
    pipeline.disks[who].clear()
    if who == "kafka":
        # A broker that can't write to its only disk ends.
        pipeline.start_server_if_fallen(who)


def _nothing(pipeline: Pipeline, _chance: Random, _fleet: Fleet) -> None:
    pipeline.wait(_SHORT_S)


def all_rows() -> list[Row]:
    """The whole matrix."""
    kafka_ways = [(module, "kafka") for module in SERVICES]
    rows = [
        Row("no fault", "nothing", _nothing),
        Row("MQTT broker kill -9", "1 SIGKILL", partial(_server_killed, "mosquitto"), broker_forgot=True),
        Row("Kafka kill -9", "1 SIGKILL", partial(_server_killed, "kafka")),
        Row("S3 kill -9", "1 SIGKILL", partial(_server_killed, "s3")),
        Row("DynamoDB kill -9", "1 SIGKILL", partial(_server_killed, "dynamodb")),
        Row("Kafka unreachable", f"{OUTAGE_S:g} s", partial(_cut, kafka_ways, OUTAGE_S)),
    ]
    for module in SERVICES:
        rows.append(
            Row(f"{module} killed", f"{KILLS} SIGKILLs", partial(_signals, module, signal.SIGKILL, KILLS))
        )
        rows.append(
            Row(f"{module} asked to leave", "2 SIGTERMs", partial(_signals, module, signal.SIGTERM, 2))
        )
    rows += [
        Row("devices killed", f"{KILLS} SIGKILLs", partial(_fleet_killed, KILLS)),
        Row("S3 refuses", f"503 for {_SHORT_S:g} s", partial(_s3, Fault.REFUSED)),
        Row("S3 is slow", f"1.5 s more for {_SHORT_S:g} s", partial(_s3, Fault.SLOW)),
        Row("S3 loses answers", f"applied, no answer, {_SHORT_S:g} s", partial(_s3, Fault.LOST)),
        Row("S3's disk is full", f"500 for {_SHORT_S:g} s", partial(_s3, Fault.FULL)),
        Row("DynamoDB throttles", f"400 for {_SHORT_S:g} s", partial(_dynamodb, Fault.THROTTLED)),
        Row("DynamoDB loses answers", f"applied, no answer, {_SHORT_S:g} s", partial(_dynamodb, Fault.LOST)),
        Row("rebalance", "2 replicas of each join and leave", _rebalanced),
        Row(
            "duplicates",
            "every reading of an episode three times",
            _nothing,
            "duplicates",
            devices=("--copies", "3"),
        ),
        Row("reordering", "by up to three periods", _nothing, "out_of_order,late"),
        Row("poison", "garbage of every kind, oversize too", _nothing, "garbage"),
        Row(
            "clock skew", "up to a day, either way", _nothing, "clock_skew", devices=("--clock-skew", "86400")
        ),
    ]
    ways = [("devices", "mosquitto"), *((m, "mosquitto") for m in ("mqtt_bridge", "mqtt_bridge.acker"))]
    ways += [*kafka_ways, ("parquet_sink", "s3"), ("alarm_store", "dynamodb")]
    rows += [
        Row(f"{who} cut from {to}", f"{_SHORT_S:g} s", partial(_cut, [(who, to)], _SHORT_S))
        for who, to in ways
    ]
    if is_possible():
        for who in ("devices", "kafka"):
            rows.append(Row(f"disk of {who} full", f"{_SHORT_S:g} s", partial(_disk_full, who)))
    return rows
