"""What the sink holds of its partitions between Kafka and the lake. Decides; touches nothing."""

import pyarrow as pa

from parquet_sink.claim import Known, Landed, Outcome
from parquet_sink.cut import Cut, Held, Limits, behind, cut, due, taken_back
from parquet_sink.layout import Source

# Whatever is held is due.
AT_ONCE = Limits(rows=0, bytes=0, age_s=0.0)


class Holdings:
    """Rows held, cuts under way (at most one of a partition: the next can begin only where it ends) and cuts landed."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held: dict[Source, Held] = {}
        self._under_way: dict[Source, Cut] = {}
        self._landed: dict[Source, Cut] = {}
        # Where each partition's next record must lie behind, whatever became of those before.
        self._reached: dict[Source, int] = {}

    def take(self, source: Source, rows: pa.Table, next_offset: int, size_bytes: int, now_s: float) -> None:
        """Holds the next records of a partition: their rows, and where they end."""
        reached = self._reached.get(source, 0)
        before = self._held.get(source) or Held(since_s=now_s, next_offset=reached, size_bytes=0)
        self._held[source] = before.with_more(rows, next_offset, size_bytes)
        self._reached[source] = next_offset

    def cuts(self, now_s: float, limits: Limits | None = None) -> list[Cut]:
        """The cuts to write now. Those without rows (all refused) count as landed at once."""
        free = {source: held for source, held in self._held.items() if source not in self._under_way}
        made = [self._cut(source, now_s) for source in due(free, limits or self._limits, now_s)]
        return [one for one in made if one.rows.num_rows]

    def _cut(self, source: Source, now_s: float) -> Cut:
        made, rest = cut(source, self._held.pop(source), now_s)
        self._hold(source, rest)
        if made.rows.num_rows:
            self._under_way[source] = made
        else:
            self._landed[source] = made
        return made

    def _hold(self, source: Source, rest: Held | None) -> None:
        if rest is not None:
            self._held[source] = rest

    def settle(self, outcome: Outcome) -> None:
        """Takes in what came of a cut. Of a partition given away since, it's the new owner's business."""
        source = outcome.cut.source
        if self._under_way.get(source) is not outcome.cut:
            return
        del self._under_way[source]
        held = self._held.pop(source, None)
        if isinstance(outcome, Landed):
            self._landed[source] = outcome.cut
            self._hold(source, held)
        elif isinstance(outcome, Known):
            self._landed[source], rest = behind(outcome.cut, held, outcome.before)
            self._hold(source, rest)
        else:
            self._held[source] = taken_back(outcome.cut, held, outcome.last)

    def landed(self) -> list[Cut]:
        """The newest landed cut of each partition: everything before its `next_offset` is in the lake."""
        return list(self._landed.values())

    def committed(self, cuts: list[Cut]) -> None:
        """Kafka has been told of these (or will not be told by us)."""
        for one in cuts:
            if self._landed.get(one.source) is one:
                del self._landed[one.source]

    def forget(self, partitions: set[tuple[str, int]]) -> None:
        """Drops what is held of (topic, partition)s that aren't ours any more. Nothing is lost: it isn't committed."""
        for kept in (self._held, self._under_way, self._landed, self._reached):
            for source in [one for one in kept if (one.topic, one.partition) in partitions]:
                del kept[source]

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
