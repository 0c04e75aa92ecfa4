"""The Arrow schemas of the lake's files, as `contracts.tables` names them. Pure."""

import pyarrow as pa

from wardstream.contracts.tables import LAKE_COLUMNS, LAKE_TABLES, Columns

_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "timestamp[us, UTC]": pa.timestamp("us", tz="UTC"),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "list<string>": pa.list_(pa.string()),
}


def schema(columns: Columns) -> pa.Schema:
    """The Arrow schema of columns as the contract lists them."""
    return pa.schema([(name, _TYPES[kind]) for name, kind in columns])


LAKE_SCHEMA = schema(LAKE_COLUMNS)
# By the table's folder.
SCHEMAS: dict[str, pa.Schema] = {table.folder: schema(table.columns) for table in LAKE_TABLES}
# The folder a file lies in, not a column of it.
FOLDERS = pa.schema([("date", pa.date32())])
