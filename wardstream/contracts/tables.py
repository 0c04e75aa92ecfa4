"""Names of what is kept for years: DynamoDB tables and the lake's folders."""

from typing import NamedTuple

# The owner's name, spelling included.
ANOMALY_TABLE = "BSM_anamoly"
ALARM_TABLE = "BSM_alarm"

LAKE_READINGS = "readings"
LAKE_ANOMALIES = "anomalies"
LAKE_ALARMS = "alarms"
LAKE_WEARERS = "wearers"

# (name, Arrow type). In every table that comes from Kafka: where Kafka held the row.
Columns = tuple[tuple[str, str], ...]
_PLACE: Columns = (("partition", "int32"), ("offset", "int64"))

# The lake's readings, column by column: a `Reading` plus where Kafka held it.
# `reading_id` is unique in the view `iot_data`; (partition, offset) is unique in the files of one topic.
LAKE_COLUMNS: Columns = (
    ("reading_id", "string"),
    ("device_id", "string"),
    ("user_id", "string"),
    ("measured_at", "timestamp[us, UTC]"),
    ("received_at", "timestamp[us, UTC]"),
    ("boot", "int64"),
    ("sequence", "int64"),
    ("heart_rate_bpm", "double"),
    ("spo2_pct", "double"),
    ("temperature_c", "double"),
    ("systolic_mmhg", "double"),
    ("diastolic_mmhg", "double"),
    ("respiratory_rate_bpm", "double"),
    ("steps_per_min", "double"),
    ("battery_pct", "double"),
    ("on_body", "bool"),
    ("gcs", "int64"),
    ("artefacts", "list<string>"),
    *_PLACE,
)
ANOMALY_COLUMNS: Columns = (
    ("anomaly_id", "string"),
    ("reading_id", "string"),
    ("device_id", "string"),
    ("user_id", "string"),
    ("measured_at", "timestamp[us, UTC]"),
    ("received_at", "timestamp[us, UTC]"),
    ("vital", "string"),
    ("value", "double"),
    ("direction", "string"),
    ("rule", "string"),
    ("limit", "double"),
    *_PLACE,
)
# One step of an alarm's life a row. `explanation` is JSON, so that what alarms explain may grow.
ALARM_COLUMNS: Columns = (
    ("alarm_id", "string"),
    ("revision", "int64"),
    ("user_id", "string"),
    ("device_id", "string"),
    ("kind", "string"),
    ("vital", "string"),
    ("direction", "string"),
    ("priority", "string"),
    ("state", "string"),
    ("raised_at", "timestamp[us, UTC]"),
    ("measured_at", "timestamp[us, UTC]"),
    ("sentence", "string"),
    ("explanation", "string"),
    *_PLACE,
)
# Who wore which device on which date. A few rows a device and date: repeats mean nothing.
WEARER_COLUMNS: Columns = (("device_id", "string"), ("user_id", "string"))


class LakeTable(NamedTuple):
    """A table of the lake: the folder its files lie in, by `date=YYYY-MM-DD`, and its columns.

    `identity` names what is one thing, however often its row is in the files. Files are sorted by `order`. The date (UTC) is that
    of `measured_at`, where there is one.
    """

    folder: str
    columns: Columns
    identity: tuple[str, ...]
    order: tuple[str, ...] = ("user_id", "measured_at", "partition", "offset")


READINGS_TABLE = LakeTable(LAKE_READINGS, LAKE_COLUMNS, ("reading_id",))
ANOMALIES_TABLE = LakeTable(LAKE_ANOMALIES, ANOMALY_COLUMNS, ("anomaly_id",))
ALARMS_TABLE = LakeTable(LAKE_ALARMS, ALARM_COLUMNS, ("alarm_id", "revision"))
WEARERS_TABLE = LakeTable(LAKE_WEARERS, WEARER_COLUMNS, ("device_id", "user_id"), ("user_id", "device_id"))
LAKE_TABLES = (READINGS_TABLE, ANOMALIES_TABLE, ALARMS_TABLE, WEARERS_TABLE)
