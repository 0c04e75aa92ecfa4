from hashlib import sha256
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processor.record import reading_in, set_aside
from tests.scoring.made import reading
from wardstream.contracts import wire
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.rejected import KEPT_BYTES

SAID = reading(0, heart_rate_bpm=70)


class Written(NamedTuple):
    key: bytes | None
    value: bytes | None
    offset: int = 5
    timestamp: int = 1_760_000_000_000


def _record(key: bytes | None, value: bytes | None) -> Written:
    return Written(key, value)


def test_a_reading_under_its_persons_key_is_read() -> None:
    assert reading_in(b"ada", wire.encode(SAID)) == SAID


@pytest.mark.parametrize("key", [b"bob", b"", b"\xff"])
def test_a_reading_under_another_key_is_refused(key: bytes) -> None:
    with pytest.raises(Malformed) as why:
        reading_in(key, wire.encode(SAID))

    assert why.value.reason == "identity"


@given(st.one_of(st.none(), st.binary(max_size=300)))
def test_whatever_a_record_holds_it_is_a_reading_or_refused_with_its_bytes(value: bytes | None) -> None:
    record = _record(b"ada", value)

    with pytest.raises(Malformed) as why:
        reading_in(b"ada", record.value)
    said = set_aside(record, why.value)

    assert said.payload == (value or b"")
    assert wire.rejected(wire.encode(said)) == said


def test_a_refusal_keeps_the_beginning_of_what_is_too_long_and_the_hash_of_all() -> None:
    long = b"x" * (KEPT_BYTES + 1)

    said = set_aside(_record(b"\xffada", long), Malformed("json", "not a JSON document"))

    assert len(said.payload) == KEPT_BYTES
    assert (said.payload_bytes, said.payload_sha256) == (KEPT_BYTES + 1, sha256(long).hexdigest())
    assert said.device_id == "\ufffdada"
    assert said.received_at_us == 1_760_000_000_000_000
