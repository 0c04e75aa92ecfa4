"""Arbitrary readings and runs of records."""

from hypothesis import strategies as st

from parquet_sink.layout import Source
from parquet_sink.rows import Record
from wardstream.contracts import wire
from wardstream.contracts.reading import Reading
from wardstream.contracts.vitals import ACCEPTED

LAST_US = 253_402_300_799_999_999
DAY_US = 24 * 60 * 60 * 1_000_000
ids = st.text("abcXYZ0189:_.-", min_size=1, max_size=12)
instants = st.integers(0, LAST_US)
counts = st.none() | st.integers(0, 2**63 - 1)


def vital(name: str) -> st.SearchStrategy[float | None]:
    low, high = ACCEPTED[name]
    return st.none() | st.floats(low, high)


readings = st.builds(
    Reading,
    reading_id=ids,
    device_id=ids,
    user_id=ids,
    measured_at_us=instants,
    received_at_us=instants,
    boot=counts,
    sequence=counts,
    **{name: vital(name) for name in ACCEPTED if name != "gcs"},
    gcs=st.none() | st.integers(3, 15),
    on_body=st.none() | st.booleans(),
    artefacts=st.lists(st.sampled_from(["spo2_pct", "heart_rate_bpm"]), unique=True).map(tuple),
)


def _said_at(measured_at_us: int, which: int, user_id: str, received_at_us: int) -> Reading:
    # Whoever it came under and however often: one id is of one instant.
    return Reading(
        reading_id=f"{measured_at_us}.{which}",
        device_id="device",
        user_id=user_id,
        measured_at_us=measured_at_us,
        received_at_us=received_at_us,
    )


# Few users, few days, few ids of an instant: so that runs of records repeat them.
crowded_readings = st.builds(
    _said_at,
    st.integers(0, 4).map(lambda day: day * DAY_US) | st.integers(0, 3 * DAY_US),
    st.integers(0, 2),
    st.sampled_from(["ann", "bob", "cyd"]),
    instants,
)
GARBAGE = b"garbage"
SOURCE = Source("readings", "0123456789abcdef", 0)


@st.composite
def logs(draw: st.DrawFn, max_size: int = 30) -> list[Record]:
    """A partition: records at growing offsets with holes (compaction, transactions), some of them garbage."""
    values = draw(st.lists(crowded_readings.map(wire.encode) | st.just(GARBAGE), max_size=max_size))
    offset = draw(st.integers(0, 3))
    records = []
    for value in values:
        records.append(Record(offset, value))
        offset += draw(st.sampled_from([1, 1, 1, 2, 5]))
    return records
