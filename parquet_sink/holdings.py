"""What the sink holds of its partitions between Kafka and the lake. Decides; touches nothing."""

import pyarrow as pa

from parquet_sink.claim import Landed, Taken
from parquet_sink.cut import Cut, Held, Limits, cut, due, taken_back

# Whatever is held is due.
AT_ONCE = Limits(rows=0, bytes=0, age_s=0.0)


class Holdings:
    """Rows held, cuts under way (at most one of a partition: the next can begin only where it ends) and cuts landed."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held: dict[int, Held] = {}
        self._under_way: dict[int, Cut] = {}
        self._landed: dict[int, Cut] = {}

    def take(self, partition: int, rows: pa.Table, next_offset: int, size_bytes: int, now_s: float) -> None:
        """Holds the next records of a partition: their rows, and where they end."""
        before = self._held.get(partition) or Held(since_s=now_s, next_offset=0, size_bytes=0)
        self._held[partition] = before.with_more(rows, next_offset, size_bytes)

    def cuts(self, now_s: float, limits: Limits | None = None) -> list[Cut]:
        """The cuts to write now. Those without rows (all refused) count as landed at once."""
        free = {partition: held for partition, held in self._held.items() if partition not in self._under_way}
        made = [self._cut(partition, now_s) for partition in due(free, limits or self._limits, now_s)]
        return [one for one in made if one.rows.num_rows]

    def _cut(self, partition: int, now_s: float) -> Cut:
        made, rest = cut(partition, self._held.pop(partition), now_s)
        if rest is not None:
            self._held[partition] = rest
        if made.rows.num_rows:
            self._under_way[partition] = made
        else:
            self._landed[partition] = made
        return made

    def settle(self, outcome: Landed | Taken) -> None:
        """Takes in what came of a cut. Of a partition given away since, it's the new owner's business."""
        partition = outcome.cut.partition
        if self._under_way.get(partition) is not outcome.cut:
            return
        del self._under_way[partition]
        if isinstance(outcome, Landed):
            self._landed[partition] = outcome.cut
        else:
            self._held[partition] = taken_back(outcome.cut, self._held.get(partition), outcome.last)

    def landed(self) -> list[Cut]:
        """The newest landed cut of each partition: everything before its `next_offset` is in the lake."""
        return list(self._landed.values())

    def committed(self, cuts: list[Cut]) -> None:
        """Kafka has been told of these (or will not be told by us)."""
        for one in cuts:
            if self._landed.get(one.partition) is one:
                del self._landed[one.partition]

    def forget(self, partitions: list[int]) -> None:
        """Drops what is held of partitions that aren't ours any more. Nothing is lost: it isn't committed."""
        for partition in partitions:
            self._held.pop(partition, None)
            self._under_way.pop(partition, None)
            self._landed.pop(partition, None)

    @property
    def rows(self) -> int:
        """Rows in memory."""
        under_way: int = sum(one.rows.num_rows for one in self._under_way.values())
        return under_way + sum(held.rows for held in self._held.values())

    @property
    def is_full(self) -> bool:
        """Whether to take no more: twice the bytes that make a cut are held, half of them being written.

        Not while a claimed run still misses rows: only taking more can complete it, and its owner kept it in bounds.
        """
        if any(held.ends_at is not None and held.next_offset <= held.ends_at for held in self._held.values()):
            return False
        under_way = sum(one.size_bytes for one in self._under_way.values())
        return under_way + sum(held.size_bytes for held in self._held.values()) >= 2 * self._limits.bytes

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is being written and nothing waits for a commit."""
        return not self._under_way and not self._landed
