"""The topics that are kept: what their records are, and how one becomes a row. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec
import pyarrow as pa

from wardstream.contracts import wire
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.tables import ALARMS_TABLE, ANOMALIES_TABLE, READINGS_TABLE, LakeTable
from wardstream.lake.schema import SCHEMAS

# What a message says for one column.
Cell = Callable[[Any], object]


@dataclass(frozen=True)
class Kept:
    """A table, what decodes a record of its topic (or raises `Malformed`), and what fills its columns.

    `cells` has one for each column but the last two, which say where Kafka held the record.
    """

    table: LakeTable
    decode: Callable[[bytes], Any]
    cells: tuple[Cell, ...]

    @property
    def schema(self) -> pa.Schema:
        """Of the table's files."""
        return SCHEMAS[self.table.folder]


def _cells(table: LakeTable, special: Mapping[str, Cell]) -> tuple[Cell, ...]:
    named = (name for name, _ in table.columns if name not in ("partition", "offset"))
    return tuple(special.get(name) or attrgetter(name) for name in named)


def _explanation(alarm: Alarm) -> str:
    return msgspec.json.encode(alarm.explanation).decode()


_MEASURED_AND_RECEIVED: dict[str, Cell] = {
    "measured_at": attrgetter("measured_at_us"),
    "received_at": attrgetter("received_at_us"),
}
_OF_ALARM: dict[str, Cell] = {
    "raised_at": attrgetter("raised_at_us"),
    "measured_at": attrgetter("at_us"),
    "sentence": attrgetter("explanation.sentence"),
    "explanation": _explanation,
}

READINGS = Kept(READINGS_TABLE, wire.reading, _cells(READINGS_TABLE, _MEASURED_AND_RECEIVED))
ANOMALIES = Kept(ANOMALIES_TABLE, wire.anomaly, _cells(ANOMALIES_TABLE, _MEASURED_AND_RECEIVED))
ALARMS = Kept(ALARMS_TABLE, wire.alarm, _cells(ALARMS_TABLE, _OF_ALARM))
