"""Merging beside sinks, readers, erasures and other compactors: no reading is ever missing, and in the end each is there once."""

from collections import Counter
from contextlib import suppress
from datetime import date
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from parquet_sink import rows
from parquet_sink.claim import Known, Landed, land
from parquet_sink.compactor import Compactor
from parquet_sink.cut import Cut
from parquet_sink.rows import Record
from tests.parquet_sink.arbitrary import GARBAGE, SOURCE, logs
from tests.parquet_sink.bucket import Bucket
from tests.parquet_sink.test_claim import Owner, in_files, lake_in, steps
from wardstream.contracts import wire
from wardstream.contracts.reading import Reading
from wardstream.contracts.tables import READINGS_TABLE, WEARERS_TABLE


class Killed(BaseException):
    """kill -9 in this very moment."""


def read(body: bytes) -> pa.Table:
    return pq.ParquetFile(pa.BufferReader(body)).read()


def readings(bucket: Bucket) -> Counter[str]:
    """How often each reading is in the files."""
    found: Counter[str] = Counter()
    for body in bucket.rows_of():
        found.update(read(body)["reading_id"].to_pylist())
    return found


def expected(log: list[Record]) -> set[str]:
    return {wire.reading(record.value).reading_id for record in log if record.value != GARBAGE}


def cuts(log: list[Record], sizes: list[int]) -> list[Cut]:
    """The log as cuts of so many records, the last with what is left."""
    made, at = [], 0
    for size in [*sizes, len(log)]:
        some = log[at : at + size]
        at += size
        table, _ = rows.table(0, some)
        if table.num_rows:
            made.append(Cut(SOURCE, some[-1].offset + 1, table, False, 0, since_s=0.0, made_at_s=0.0))
    return made


def landed(log: list[Record], sizes: list[int]) -> Bucket:
    bucket = Bucket()
    for cut in cuts(log, sizes):
        land(cut, lake_in(bucket))
    return bucket


def days(bucket: Bucket) -> set[date]:
    return {
        date.fromisoformat(key.split("=")[1][:10]) for key in bucket.objects if key.startswith("readings/")
    }


def merge_all(bucket: Bucket) -> None:
    compactor = Compactor(bucket, grace_s=0)
    for day in days(bucket):
        for table in (READINGS_TABLE, WEARERS_TABLE):
            compactor.run(table, day)


sizes = st.lists(st.integers(1, 6), max_size=8)


@given(logs(max_size=40), sizes)
def test_a_merged_date_has_each_reading_once_in_order_and_a_newest_claim_is_left_alone(
    log: list[Record], many: list[int]
) -> None:
    bucket = landed(log, many)
    newest = (
        [key for key in bucket.objects if f"{cuts(log, many)[-1].first:020d}" in key] if expected(log) else []
    )

    merge_all(bucket)

    assert set(readings(bucket)) == expected(log)
    assert all(key in bucket.objects for key in newest)
    merged = [key for key in bucket.objects if "/merged-" in key and key.startswith("readings/")]
    for key in merged:
        table = read(bucket.objects[key][0])
        order = [tuple(row[name] for name in READINGS_TABLE.order) for row in table.to_pylist()]
        assert order == sorted(order)
        assert len(set(table["reading_id"].to_pylist())) == table.num_rows
    assert not bucket.keys("merges/")


@settings(max_examples=30)
@given(logs(max_size=20), sizes, st.lists(st.integers(1, 40), max_size=3), st.randoms(use_true_random=False))
def test_whoever_dies_or_merges_meanwhile_no_reading_is_ever_missing(
    log: list[Record], many: list[int], deaths: list[int], chance: Random
) -> None:
    bucket = landed(log, many)
    wanted = expected(log)
    inside, count = [False], [0]

    def meanwhile() -> None:
        if inside[0]:
            return
        inside[0] = True
        try:
            if len(bucket.objects) < count[0]:
                assert set(readings(bucket)) == wanted
            count[0] = len(bucket.objects)
            if chance.random() < 0.1:
                merge_all(bucket)
            if left and chance.random() < 1 / left[0]:
                raise Killed
        finally:
            inside[0] = False

    bucket.meanwhile = meanwhile
    for moment in deaths:
        left = [moment]
        with suppress(Killed):
            merge_all(bucket)
    left = []
    merge_all(bucket)
    merge_all(bucket)

    assert set(readings(bucket)) == wanted


@given(logs(max_size=30), sizes, st.integers(0, 8))
def test_a_late_owner_neither_claims_nor_completes_what_was_merged(
    log: list[Record], many: list[int], late: int
) -> None:
    bucket = landed(log, many)
    merge_all(bucket)
    before = readings(bucket)

    outcomes = [land(cut, lake_in(bucket)) for cut in cuts(log, many)[late:]]

    assert readings(bucket) == before
    assert all(isinstance(outcome, Known | Landed) for outcome in outcomes)


@settings(max_examples=50)
@given(logs(max_size=30), st.lists(steps, max_size=50), st.lists(st.integers(0, 50), max_size=4))
def test_owners_who_cut_die_and_are_late_beside_merging_still_make_one_chain(
    log: list[Record], script: list[tuple[int, str, int]], merges: list[int]
) -> None:
    bucket = Bucket()
    committed = [0]
    owners = [Owner(log, bucket, committed) for _ in range(2)]

    for at, (number, what, count) in enumerate(script):
        if at in merges:
            merge_all(bucket)
        owner = owners[number]
        if what == "take":
            owner.take(count)
        else:
            getattr(owner, what)()
    owners[0].restart()
    for _ in range(len(log) + 2):
        owners[0].take(1)
        owners[0].flush()
        owners[0].commit()

    assert set(readings(bucket)) == expected(log)
    assert len(in_files(bucket)) == len(set(in_files(bucket)))


def test_a_late_file_of_a_merged_date_is_seen_at_once_and_joins_it_when_asked() -> None:
    log = [record(offset, "ann", f"r{offset}") for offset in range(6)]
    bucket = landed(log, [2, 2])
    merge_all(bucket)

    for cut in cuts([record(9, "bob", "late"), record(10, "bob", "newest")], [1]):
        land(cut, lake_in(bucket))

    assert readings(bucket)["late"] == 1
    merge_all(bucket)
    assert set(readings(bucket)) == {*(f"r{n}" for n in range(6)), "late", "newest"}
    assert set(readings(bucket).values()) == {1}


def test_a_reading_said_again_under_somebody_else_stays_with_who_had_the_device_first() -> None:
    log = [
        record(0, "ann", "r1", received_at_us=50),
        record(1, "bob", "r1", received_at_us=90),
        record(2, "bob", "r2", received_at_us=91),
        record(3, "bob", "r3", received_at_us=92),
    ]
    bucket = landed(log, [1, 1, 1])

    merge_all(bucket)

    found = [row for body in bucket.rows_of() for row in read(body).to_pylist()]
    assert sorted((row["reading_id"], row["user_id"]) for row in found) == [
        ("r1", "ann"),
        ("r2", "bob"),
        ("r3", "bob"),
    ]


def test_a_file_rewritten_meanwhile_withdraws_the_merge() -> None:
    bucket = landed([record(n, "ann", f"r{n}") for n in range(6)], [2, 2])
    erased = next(key for key in bucket.objects if key.startswith("readings/"))
    shorter = landed([record(0, "ann", "r0")], []).rows_of()[0]

    def erase_once_it_was_read() -> None:
        if any("/merged-" in key for key in bucket.objects):
            bucket.objects[erased] = (shorter, {"last": "1"})

    bucket.meanwhile = erase_once_it_was_read
    Compactor(bucket, grace_s=0).run(READINGS_TABLE, date(1970, 1, 1))

    assert not any("/merged-" in key for key in bucket.objects)
    assert readings(bucket)["r1"] == 0
    assert readings(bucket)["r5"] == 1


def test_within_the_grace_both_are_there() -> None:
    bucket = landed([record(n, "ann", f"r{n}") for n in range(6)], [2, 2])
    # The bucket's objects are of 2025.
    before = set(bucket.objects)

    Compactor(bucket, grace_s=1e12).run(READINGS_TABLE, date(1970, 1, 1))

    assert before < set(bucket.objects)


def record(offset: int, user: str, reading: str, received_at_us: int = 5) -> Record:
    """A reading of one device at one instant."""
    said = Reading(
        reading_id=reading, device_id="d", user_id=user, measured_at_us=1, received_at_us=received_at_us
    )
    return Record(offset, wire.encode(said))
