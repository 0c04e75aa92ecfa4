"""The SQL of the views that show each thing once, however often it is in the files: `iot_data` and its neighbours. Pure.

One text for DuckDB and Athena; they differ only in the functions of `Dialect`. `wardstream/lake/athena/` holds it rendered for Athena.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from wardstream.contracts.tables import (
    ALARMS_TABLE,
    ANOMALIES_TABLE,
    LAKE_ALARMS,
    LAKE_ANOMALIES,
    LAKE_READINGS,
    LAKE_WEARERS,
    LakeTable,
)

VIEW = "iot_data"
READINGS = LAKE_READINGS
WEARERS = LAKE_WEARERS


# More names than that are slower to look for than to read.
_MOST_NAMED = 1000


class Dialect(NamedTuple):
    """What DuckDB and Athena call differently. `{0}`, `{1}` stand for arguments."""

    blood_pressure: str
    has: str


DUCKDB = Dialect(blood_pressure="printf('%g/%g', {0}, {1})", has="list_contains({0}, {1})")
# Trino says 120.0 of a double.
ATHENA = Dialect(
    blood_pressure="regexp_replace(format('%s/%s', {0}, {1}), '\\.0(?=/|$)', '')", has="contains({0}, {1})"
)

# Engines push a filter below a window only if it is on the columns the window partitions by. So the first numbering
# names device, user and date besides the id: a question for one of them reads only its folders and row groups.
# What it can't see, a reading that its device said again after it was given to somebody else, is looked for among the people
# who shared a device on that date, and nowhere else. A left join, since through it engines push the date on.
_IOT_DATA = """
WITH shared AS (
    SELECT w."date", w.device_id, w.user_id
    FROM {wearers} w
    JOIN (
        SELECT "date", device_id FROM {wearers} GROUP BY "date", device_id HAVING count(DISTINCT user_id) > 1
    ) several ON several."date" = w."date" AND several.device_id = w.device_id
    GROUP BY w."date", w.device_id, w.user_id
),
elsewhere AS (
    SELECT DISTINCT reading_id, user_id, "date"
    FROM (
        SELECT r.reading_id, r.user_id, r."date", first_value(r.user_id) OVER (
            PARTITION BY r.reading_id, r."date"
            ORDER BY r.received_at, r."partition", r."offset", r.user_id
        ) AS first_user
        FROM {readings} r
        JOIN shared s ON s.user_id = r.user_id AND s.device_id = r.device_id AND s."date" = r."date"
        {narrowed}
    ) told
    WHERE user_id <> first_user
),
numbered AS (
    SELECT *, row_number() OVER (
        PARTITION BY reading_id, device_id, user_id, "date" ORDER BY received_at, "partition", "offset"
    ) AS nth
    FROM {readings}
)
SELECT
    n.device_id,
    n.measured_at AS "timestamp",
    n.heart_rate_bpm AS heart_rate,
    CASE WHEN n.systolic_mmhg IS NOT NULL AND n.diastolic_mmhg IS NOT NULL
         THEN {blood_pressure} END AS blood_pressure,
    n.temperature_c AS temperature,
    CASE WHEN NOT {is_artefact} THEN n.spo2_pct END AS spo2,
    n.respiratory_rate_bpm AS respiratory_rate,
    n.systolic_mmhg AS systolic,
    n.diastolic_mmhg AS diastolic,
    n.steps_per_min,
    n.battery_pct,
    n.on_body,
    n.gcs,
    n.user_id,
    n.reading_id,
    n.received_at,
    n.boot,
    n.sequence,
    n."date"
FROM numbered n
LEFT JOIN elsewhere e
    ON e.reading_id = n.reading_id AND e.user_id = n.user_id AND e."date" = n."date"
WHERE n.nth = 1 AND e.reading_id IS NULL
"""
_ONCE = """
SELECT {columns}, "date"
FROM (
    SELECT *, row_number() OVER (
        PARTITION BY {identity}, user_id, "date" ORDER BY "partition", "offset"
    ) AS nth
    FROM {files}
) numbered
WHERE nth = 1
"""


class Shared(NamedTuple):
    """Who shared a device with somebody on which dates: among them a reading may stand twice."""

    users: Sequence[str]
    dates: Sequence[date]


def iot_data(dialect: Dialect, shared: Shared | None = None) -> str:
    """The SELECT of `iot_data` over the tables of files. With `shared` looked up before, only those people's rows are compared.

    Athena finds them itself and reads nothing of others; DuckDB begins to read all before it knows that it needn't.
    """
    return _IOT_DATA.format(
        readings=READINGS,
        wearers=WEARERS,
        narrowed="" if shared is None else f"WHERE {_among(shared)}",
        blood_pressure=dialect.blood_pressure.format("n.systolic_mmhg", "n.diastolic_mmhg"),
        is_artefact=dialect.has.format("n.artefacts", "'spo2_pct'"),
    )


def _among(shared: Shared) -> str:
    if not shared.users:
        return "FALSE"
    dates = f"r.\"date\" BETWEEN DATE '{min(shared.dates)}' AND DATE '{max(shared.dates)}'"
    users = sorted({user.replace("'", "''") for user in shared.users})
    if len(users) > _MOST_NAMED:
        return dates
    named = ", ".join(f"'{user}'" for user in users)
    return f"r.user_id IN ({named}) AND {dates}"


def once(table: LakeTable, files: str) -> str:
    """The SELECT of a table's rows, each of its identities once, over a table of files."""
    columns = ", ".join(f'"{name}"' for name, _ in table.columns)
    return _ONCE.format(columns=columns, identity=", ".join(table.identity), files=files)


# Answers (user, date).
SHARED_SQL = f"""
SELECT user_id, "date" FROM {WEARERS}
JOIN (SELECT "date", device_id FROM {WEARERS} GROUP BY "date", device_id HAVING count(DISTINCT user_id) > 1) several
USING ("date", device_id)
"""  # noqa: S608 -- built from this module's own constants
# The files' tables of anomalies and alarms, for DuckDB; the views have the plain names.
ANOMALY_FILES = f"{LAKE_ANOMALIES}_files"
ALARM_FILES = f"{LAKE_ALARMS}_files"


def create_views(shared: Shared | None) -> tuple[str, ...]:
    """What DuckDB is told when the files' tables are registered."""
    selects = {
        VIEW: iot_data(DUCKDB, shared),
        LAKE_ANOMALIES: once(ANOMALIES_TABLE, ANOMALY_FILES),
        LAKE_ALARMS: once(ALARMS_TABLE, ALARM_FILES),
    }
    return tuple(f"CREATE OR REPLACE TEMPORARY VIEW {name} AS {select}" for name, select in selects.items())
