"""Rows of the lake for questions to be asked of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from wardstream.lake.schema import LAKE_SCHEMA

NOON = datetime(2025, 11, 8, 12, tzinfo=UTC)


def row(reading_id: str, offset: int = 0, **more: Any) -> dict[str, Any]:
    """A row of `device_1` at noon, with what is given."""
    plain: dict[str, Any] = {
        "reading_id": reading_id,
        "device_id": "device_1",
        "user_id": "ann",
        "measured_at": NOON,
        "received_at": NOON + timedelta(seconds=1),
        "artefacts": [],
        "partition": 0,
        "offset": offset,
    }
    return plain | more


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """The rows as the lake's files hold them."""
    return pa.Table.from_pylist(rows, schema=LAKE_SCHEMA)
