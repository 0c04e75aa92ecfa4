"""Which rows say again what another row said. Pure: the same rule as the views', `wardstream.lake.view`."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from wardstream.contracts.tables import LAKE_READINGS, LakeTable

_SPAN = ["device_id", "user_id"]
# Who came first: in the order in which the bridge had them, then of Kafka.
_FIRST = ("received_at", "partition", "offset", "user_id")


def first_of_each(table: LakeTable, rows: pa.Table) -> pa.Table:
    """Of the rows that say the same of the same person, the one that came first; the order of what stays is kept."""
    same = [*table.identity, *([] if "user_id" in table.identity else ["user_id"])]
    if rows.num_rows == rows.select(same).group_by(same).aggregate([]).num_rows:
        return rows
    order = [name for name in _FIRST if name in rows.schema.names and name not in same]
    at = pa.array(range(rows.num_rows), pa.int64())
    ordered = rows.select([*same, *order]).append_column("at", at)
    ordered = ordered.sort_by([(name, "ascending") for name in (*order, "at")])
    first = ordered.group_by(same, use_threads=False).aggregate([("at", "first")])
    return rows.take(first["at_first"].combine_chunks().sort())


class Doubles:
    """Readings that came under several people: a device said them again after it was given to somebody else.

    Looked for among those who shared a device and whose readings of it overlap in time, and nowhere else: a device that is
    handed on from one to the next has no such stretch, so that memory stays small.
    """

    def __init__(self, table: LakeTable) -> None:
        self._is_asked = table.folder == LAKE_READINGS
        self._spans: dict[tuple[str, str], tuple[int, int]] = {}
        self._elsewhere: set[tuple[str, str]] = set()

    def see(self, rows: pa.Table) -> None:
        """Learns from when until when each device spoke of whom."""
        if not self._is_asked:
            return
        at = rows["measured_at"].cast(pa.int64())
        spans = (
            rows.select(_SPAN)
            .append_column("at", at)
            .group_by(_SPAN)
            .aggregate([("at", "min"), ("at", "max")])
        )
        for device, user, first, last in zip(
            *(spans[name].to_pylist() for name in (*_SPAN, "at_min", "at_max")), strict=True
        ):
            known = self._spans.get((device, user), (first, last))
            self._spans[device, user] = (min(known[0], first), max(known[1], last))

    def settle(self, batches: Iterable[pa.Table]) -> None:
        """Decides, of all rows, which stand under somebody else than who had the device first."""
        devices = self._overlapping()
        if not devices:
            return
        first: dict[str, tuple[object, ...]] = {}
        under: defaultdict[str, set[str]] = defaultdict(set)
        for rows in batches:
            shared = rows.filter(pc.is_in(rows["device_id"], pa.array(sorted(devices))))
            for said in shared.select(["reading_id", *_FIRST]).to_pylist():
                reading, place = said["reading_id"], tuple(said[name] for name in _FIRST)
                under[reading].add(said["user_id"])
                first[reading] = min(first.get(reading, place), place)
        self._elsewhere = {
            (reading, user)
            for reading, users in under.items()
            for user in users
            if user != first[reading][-1]
        }

    def _overlapping(self) -> set[str]:
        by_device: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for (device, _), span in self._spans.items():
            by_device[device].append(span)
        return {device for device, spans in by_device.items() if _overlap(sorted(spans))}

    def without(self, rows: pa.Table) -> pa.Table:
        """The rows that stay."""
        if not self._elsewhere:
            return rows
        # Few readings are meant: look closely only at rows that have one of them.
        meant = pc.is_in(rows["reading_id"], pa.array(sorted({reading for reading, _ in self._elsewhere})))
        if not pc.any(meant).as_py():
            return rows
        pairs = zip(rows["reading_id"].to_pylist(), rows["user_id"].to_pylist(), strict=True)
        return rows.filter(pa.array([pair not in self._elsewhere for pair in pairs]))


def _overlap(spans: list[tuple[int, int]]) -> bool:
    return any(later[0] <= earlier[1] for earlier, later in pairwise(spans))
