"""Two owners of one partition who cut as they like, die when they like and are late: one chain of files."""

from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from parquet_sink import rows
from parquet_sink.claim import Lake, Landed, land
from parquet_sink.cut import Cut, Limits
from parquet_sink.holdings import AT_ONCE, Holdings
from parquet_sink.layout import WHOLE, whole_before
from parquet_sink.rows import Record
from tests.parquet_sink.arbitrary import GARBAGE, SOURCE, logs
from tests.parquet_sink.bucket import Bucket
from wardstream.contracts.tables import READINGS_TABLE
from wardstream.runtime.s3_faults import Busy

NEVER = Limits(rows=10**9, bytes=10**9, age_s=1e9)


def lake_in(bucket: Bucket) -> Lake:
    """A lake of readings; its marks are always looked up."""
    return Lake(
        {SOURCE.topic: READINGS_TABLE},
        bucket.put_new,
        lambda source: whole_before(bucket.keys(WHOLE)).get(source.name, 0),
    )


class Owner:
    """A sink without Kafka and S3: it reads the log from the last commit, and is driven step by step."""

    def __init__(self, log: list[Record], bucket: Bucket, committed: list[int]) -> None:
        self._log = log
        self._lake = lake_in(bucket)
        self._committed = committed
        self._cut: Cut | None = None
        self.restart()

    def restart(self) -> None:
        """Dies, and begins where the group's last commit is; what it held is gone."""
        self._holdings = Holdings(NEVER)
        self._at = self._committed[0]
        self._cut = None

    def take(self, count: int) -> None:
        """Takes the next records, at most `count`."""
        for record in [one for one in self._log if one.offset >= self._at][:count]:
            table, _ = rows.table(0, [record])
            self._holdings.take(SOURCE, table, record.offset + 1, len(record.value), 0.0)
            self._at = record.offset + 1

    def flush(self) -> None:
        """Cuts what it holds and tries once to write it; a cut that S3 was too busy for stays to be tried again."""
        for made in self._holdings.cuts(1.0, AT_ONCE):
            self._cut = made
        if self._cut is not None:
            try:
                outcome = land(self._cut, self._lake)
            except Busy:
                return
            self._cut = None
            self._holdings.settle(outcome)

    def commit(self) -> None:
        """Commits what landed. A late owner may set the group back: Kafka would refuse that, the rule bears it."""
        landed = self._holdings.landed()
        for cut in landed:
            self._committed[0] = cut.next_offset
        self._holdings.committed(landed)


def in_files(bucket: Bucket) -> list[int]:
    found: list[int] = []
    for body in bucket.rows_of():
        found += pq.ParquetFile(pa.BufferReader(body)).read()["offset"].to_pylist()
    return sorted(found)


steps = st.tuples(
    st.sampled_from([0, 1]),
    st.sampled_from(["take", "take", "flush", "flush", "commit", "restart"]),
    st.integers(1, 9),
)


@given(logs(), st.lists(steps, max_size=60), st.randoms(use_true_random=False))
def test_each_offset_is_in_the_files_exactly_once_whoever_writes_and_whenever_they_die(
    log: list[Record], script: list[tuple[int, str, int]], chance: Random
) -> None:
    faulty = [True]
    bucket = Bucket(
        before=lambda: faulty[0] and chance.random() < 0.2, after=lambda: faulty[0] and chance.random() < 0.2
    )
    committed = [0]
    owners = [Owner(log, bucket, committed) for _ in range(2)]

    for number, what, count in script:
        owner = owners[number]
        if what == "take":
            owner.take(count)
        else:
            getattr(owner, what)()
    faulty[0] = False
    last = owners[0]
    last.restart()
    for _ in range(len(log) + 2):
        last.take(1)
        last.flush()
        last.commit()

    assert in_files(bucket) == [record.offset for record in log if record.value != GARBAGE]


@given(logs())
def test_a_repeated_cut_changes_nothing(log: list[Record]) -> None:
    table, _ = rows.table(0, log)
    if not table.num_rows:
        return
    bucket = Bucket()
    whole = Cut(SOURCE, log[-1].offset + 1, table, False, 0, since_s=0.0, made_at_s=0.0)
    land(whole, lake_in(bucket))
    before = dict(bucket.objects)

    outcome = land(whole, lake_in(bucket))

    assert isinstance(outcome, Landed)
    assert bucket.objects == before
