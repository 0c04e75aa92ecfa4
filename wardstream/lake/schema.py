"""The Arrow schema of the lake's files, as `contracts.tables` names it. Pure."""

import pyarrow as pa

from wardstream.contracts.tables import LAKE_COLUMNS

_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "timestamp[us, UTC]": pa.timestamp("us", tz="UTC"),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "list<string>": pa.list_(pa.string()),
}

LAKE_SCHEMA = pa.schema([(name, _TYPES[kind]) for name, kind in LAKE_COLUMNS])
# The folder a file lies in, not a column of it.
FOLDERS = pa.schema([("date", pa.date32())])
