"""The columns a stored reading may have, by either name: the lake's own, and those of recorded files. Pure."""

from collections.abc import Sequence

from wardstream.contracts.tables import LAKE_COLUMNS

# Recorded files say their units in their README; these are the lake's, so only the names differ.
_ALIASES = {
    "heart_rate": "heart_rate_bpm",
    "steps": "steps_per_min",
    "spo2": "spo2_pct",
    "temperature": "temperature_c",
    "systolic": "systolic_mmhg",
    "diastolic": "diastolic_mmhg",
    "respiratory_rate": "respiratory_rate_bpm",
}
_REQUIRED = ("user_id", "measured_at")
VALUES = (
    "heart_rate_bpm",
    "spo2_pct",
    "temperature_c",
    "systolic_mmhg",
    "diastolic_mmhg",
    "respiratory_rate_bpm",
    "steps_per_min",
    "battery_pct",
    "gcs",
)
_TYPES = {
    "timestamp[us, UTC]": "TIMESTAMPTZ",
    "string": "VARCHAR",
    "int64": "BIGINT",
    "int32": "INTEGER",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "list<string>": "VARCHAR[]",
}


class Unusable(ValueError):  # noqa: N818 -- a sentence: "raise Unusable"
    """A file that holds no readings, and why."""


def select(found: Sequence[str]) -> str:
    """The SELECT that gives a reading's fields from a table `source` with the columns `found`, each person's together and in order.

    Order is Kafka's where it is known (partition, offset), else arrival, else measurement: what the processor would have met.
    """
    missing = [name for name in _REQUIRED if name not in found]
    if missing:
        raise Unusable(f"lacks column {', '.join(missing)}; it has {', '.join(found)}")
    known = {name: name for name in found} | {_ALIASES[name]: name for name in found if name in _ALIASES}
    parts = [_column(name, kind, known) for name, kind in LAKE_COLUMNS]
    return f"SELECT {', '.join(parts)} FROM source ORDER BY user_id, {_order(found)}"  # noqa: S608 -- names of our own


def _column(name: str, kind: str, known: dict[str, str]) -> str:
    column = f'"{known[name]}"' if name in known else "NULL"
    if name == "device_id" and name not in known:
        column = "user_id"
    if name == "received_at" and name not in known:
        column = "measured_at"
    if kind == "timestamp[us, UTC]":
        return f"epoch_us(CAST({column} AS TIMESTAMPTZ)) AS {name}"
    return f'CAST({column} AS {_TYPES[kind]}) AS "{name}"'


def _order(found: Sequence[str]) -> str:
    if "offset" in found and "partition" in found:
        return '"partition", "offset"'
    arrival = "received_at, measured_at" if "received_at" in found else "measured_at"
    # What is left is a tie; any order will do, as long as it is always the same.
    return f"{arrival}, {', '.join(VALUES)}"
