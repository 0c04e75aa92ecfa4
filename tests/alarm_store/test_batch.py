"""How far a batch may be committed."""

from hypothesis import given
from hypothesis import strategies as st

from alarm_store.batch import Batch, Partition, Record

places = st.lists(
    st.tuples(st.sampled_from(["anomalies", "alarms"]), st.integers(0, 3), st.integers(0, 99)), max_size=30
)


def taken(batch: Batch, found: list[tuple[str, int, int]]) -> None:
    for topic, number, offset in found:
        batch.took(Record(Partition(topic, number), offset, b""))


@given(places)
def test_a_batch_is_open_until_each_of_its_records_is_done(found: list[tuple[str, int, int]]) -> None:
    batch = Batch()
    taken(batch, found)

    for _ in found:
        assert batch.is_open
        batch.done()

    assert not batch.is_open


@given(places)
def test_a_partition_goes_on_behind_its_last_record(found: list[tuple[str, int, int]]) -> None:
    batch = Batch()

    taken(batch, found)

    for partition, goes_on in batch.offsets().items():
        assert goes_on == 1 + max(offset for *place, offset in found if tuple(place) == partition)


def test_a_partition_given_away_is_not_committed() -> None:
    batch = Batch()
    taken(batch, [("alarms", 0, 5), ("alarms", 1, 6)])

    batch.forget([Partition("alarms", 0), Partition("anomalies", 0)])

    assert batch.offsets() == {Partition("alarms", 1): 7}
