"""The SQL of the view `iot_data`, which shows each reading once. Pure."""

VIEW = "iot_data"
READINGS = "readings"

# DuckDB (and Athena) push a filter below a window only if it is on the columns the window partitions by. So the
# partition names device, user and date besides the id: a question for one of them reads only its folders and row
# groups. The price: should a device say one (boot, sequence) under two dates or two users, both are shown.
IOT_DATA_SQL = f"""
SELECT
    device_id,
    measured_at AS "timestamp",
    heart_rate_bpm AS heart_rate,
    CASE WHEN systolic_mmhg IS NOT NULL AND diastolic_mmhg IS NOT NULL
         THEN printf('%g/%g', systolic_mmhg, diastolic_mmhg) END AS blood_pressure,
    temperature_c AS temperature,
    CASE WHEN NOT list_contains(artefacts, 'spo2_pct') THEN spo2_pct END AS spo2,
    respiratory_rate_bpm AS respiratory_rate,
    systolic_mmhg AS systolic,
    diastolic_mmhg AS diastolic,
    steps_per_min,
    battery_pct,
    on_body,
    gcs,
    user_id,
    reading_id,
    received_at,
    boot,
    sequence,
    "date"
FROM {READINGS}
QUALIFY row_number() OVER (
    PARTITION BY reading_id, device_id, user_id, "date" ORDER BY "partition", "offset"
) = 1
"""  # noqa: S608 -- built from this module's own constants

CREATE_VIEW = f"CREATE OR REPLACE TEMPORARY VIEW {VIEW} AS {IOT_DATA_SQL}"
