"""Names of what is kept for years: DynamoDB tables and the lake's folders."""

# The owner's name, spelling included.
ANOMALY_TABLE = "BSM_anamoly"
ALARM_TABLE = "BSM_alarm"

LAKE_READINGS = "readings"

# The lake's readings, column by column, as (name, Arrow type): a `Reading` plus where Kafka held it.
# `reading_id` is unique in the view `iot_data`; (partition, offset) is unique in the files.
LAKE_COLUMNS: tuple[tuple[str, str], ...] = (
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
    ("partition", "int32"),
    ("offset", "int64"),
)
