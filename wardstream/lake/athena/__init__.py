"""The lake's tables and views as Athena is told of them: `python -m wardstream.lake.athena` writes the .sql files beside it. Pure.

`${bucket}` and `${database}` stand for the lake's bucket and Glue's database. Dates are projected, so no crawler and no `ADD PARTITION` is needed: a file is
seen as soon as it is in S3. `read_restored_glacier_objects` lets a question read what was restored from cold storage.
"""

from wardstream.contracts.tables import ALARMS_TABLE, ANOMALIES_TABLE, LAKE_TABLES, READINGS_TABLE, LakeTable
from wardstream.lake.view import ATHENA, VIEW, iot_data, once

_TYPES = {
    "string": "string",
    "timestamp[us, UTC]": "timestamp",
    "int32": "int",
    "int64": "bigint",
    "double": "double",
    "bool": "boolean",
    "list<string>": "array<string>",
}
_TABLE = """CREATE EXTERNAL TABLE IF NOT EXISTS `${{database}}`.`{name}` (
{columns}
)
PARTITIONED BY (`date` date)
STORED AS PARQUET
LOCATION 's3://${{bucket}}/{folder}/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.date.type' = 'date',
  'projection.date.format' = 'yyyy-MM-dd',
  'projection.date.range' = '2000-01-01,NOW+3DAYS',
  'storage.location.template' = 's3://${{bucket}}/{folder}/date=${{date}}/',
  'read_restored_glacier_objects' = 'true'
)
"""
_VIEW = "CREATE OR REPLACE VIEW {name} AS{select}"


def files_table(table: LakeTable) -> str:
    """Its name in Athena: the readings' own is a contract, the others leave the plain name to the view."""
    return table.folder if table in (READINGS_TABLE, LAKE_TABLES[-1]) else f"{table.folder}_files"


def statements() -> dict[str, str]:
    """Each statement by the name of what it makes; tables first."""
    tables = {files_table(table): _table(table) for table in LAKE_TABLES}
    views = {VIEW: _VIEW.format(name=VIEW, select=iot_data(ATHENA))}
    for table in (ANOMALIES_TABLE, ALARMS_TABLE):
        views[table.folder] = _VIEW.format(name=table.folder, select=once(table, files_table(table)))
    return tables | views


def _table(table: LakeTable) -> str:
    columns = ",\n".join(f"  `{name}` {_TYPES[kind]}" for name, kind in table.columns)
    return _TABLE.format(name=files_table(table), columns=columns, folder=table.folder)
