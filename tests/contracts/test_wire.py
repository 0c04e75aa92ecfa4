"""Every message survives the way to bytes and back; whatever else is there becomes `Malformed`."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardstream.contracts import wire
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.reading import Reading
from wardstream.contracts.vitals import ACCEPTED, VITALS

ids = st.text(alphabet="abcXYZ019:_.-", min_size=1, max_size=40)
moments = st.integers(min_value=0, max_value=2**53)


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    vitals: dict[str, Any] = {
        vital: draw(st.none() | st.floats(ACCEPTED[vital].low, ACCEPTED[vital].high, allow_nan=False))
        for vital in VITALS
    }
    return Reading(
        reading_id=draw(ids),
        device_id=draw(ids),
        user_id=draw(ids),
        measured_at_us=draw(moments),
        received_at_us=draw(moments),
        boot=draw(st.none() | st.integers(0, 2**63 - 1)),
        sequence=draw(st.none() | st.integers(0, 2**63 - 1)),
        **vitals,
    )


@given(readings())
def test_a_reading_survives_the_way_to_bytes_and_back(reading: Reading) -> None:
    assert wire.reading(wire.encode(reading)) == reading


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_malformed_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(Malformed):
        wire.reading(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "json"),
        (b"[]", "format"),
        (b'{"v":2,"reading_id":"a"}', "version"),
        (b'{"v":"1"}', "version"),
        (b'{"v":1}', "format"),
        (b'{"v":1,"reading_id":' + b"[" * 100_000, "format"),
        (b'{"v":1,"new":' + b"[" * 100_000, "json"),
        (b'{"v":1,"heart_rate_bpm":NaN}', "json"),
        (b"\xff\xfe", "json"),
    ],
)
def test_each_bad_record_names_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Malformed) as refused:
        wire.reading(data)

    assert refused.value.reason == reason


@pytest.mark.parametrize("vital", VITALS)
def test_a_value_outside_the_accepted_range_is_refused(vital: str) -> None:
    beyond = ACCEPTED[vital].high + 1
    record = {
        "v": 1,
        "reading_id": "a",
        "device_id": "d",
        "user_id": "u",
        "measured_at_us": 1,
        "received_at_us": 1,
    }

    with pytest.raises(Malformed):
        wire.reading(msgspec.json.encode(record | {vital: beyond}))


def test_an_unknown_field_of_a_newer_writer_is_ignored() -> None:
    record = b'{"v":1,"reading_id":"a","device_id":"d","user_id":"u","measured_at_us":1,"received_at_us":1,"new":[1]}'

    assert wire.reading(record).reading_id == "a"
