"""Who wore which device on which date. Pure.

A reading that a device sends again after it was given to somebody else comes under two people. To show it once without reading everybody's
rows, the view must know which devices had several wearers on a date: that is what this small table tells. It is written before
the rows themselves, so that it is never behind them.
"""

from datetime import date

import pyarrow as pa

from wardstream.contracts.tables import LAKE_WEARERS
from wardstream.lake.schema import SCHEMAS

# Beyond, we forget all and say them again, which means nothing.
_MOST_REMEMBERED = 500_000


class Wearers:
    """What this process has said of wearers already."""

    def __init__(self) -> None:
        self._said: dict[date, set[tuple[str, str]]] = {}

    def unsaid(self, day: date, rows: pa.Table) -> pa.Table:
        """The devices and wearers in the rows of a date that were not said yet, by the schema of the table `wearers`."""
        schema = SCHEMAS[LAKE_WEARERS]
        pairs = rows.select(schema.names).group_by(schema.names).aggregate([])
        known = self._said.get(day, set())
        found = sorted(pair for pair in _pairs(pairs) if pair not in known)
        return pa.Table.from_pylist([dict(zip(schema.names, pair, strict=True)) for pair in found], schema)

    def said(self, day: date, pairs: pa.Table) -> None:
        """Remembers that these are in the lake."""
        if sum(map(len, self._said.values())) >= _MOST_REMEMBERED:
            self._said.clear()
        self._said.setdefault(day, set()).update(_pairs(pairs))


def _pairs(rows: pa.Table) -> list[tuple[str, str]]:
    return list(zip(*(column.to_pylist() for column in rows.columns), strict=True))
