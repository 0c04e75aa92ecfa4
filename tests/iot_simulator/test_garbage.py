"""Garbage: no two alike, and none that keeps the contracts."""

from hypothesis import given
from hypothesis import strategies as st

from iot_simulator.garbage import GARBAGE_KINDS, garbage
from mqtt_bridge.translate import translate
from wardstream.contracts.rejected import Rejected

AT_US = 1_762_597_425_123_456
REASONS = {
    "not_utf8": "encoding",
    "truncated": "json",
    "wrong_type": "format",
    "not_a_number": "json",
    "infinity": "json",
    "heart_rate_below_zero": "range",
    "spo2_of_400": "range",
    "of_1970": "timestamp",
    "three_days_ahead": "timestamp",
    "speaks_for_another": "identity",
    "unknown_field": "format",
}


@given(st.sets(st.tuples(st.sampled_from(GARBAGE_KINDS), st.integers(0, 10**9)), max_size=50))
def test_no_two_bad_messages_of_a_device_are_alike(wanted: set[tuple[str, int]]) -> None:
    spoken = {garbage(kind, "device_1", count, AT_US) for kind, count in wanted}  # type: ignore[arg-type]  # sampled from them

    assert len(spoken) == len(wanted)


def test_two_devices_garbage_differs() -> None:
    for kind in GARBAGE_KINDS:
        assert garbage(kind, "device_1", 1, AT_US) != garbage(kind, "device_2", 1, AT_US)


@given(st.sampled_from(GARBAGE_KINDS), st.integers(0, 10**6))
def test_the_bridge_refuses_each_kind_for_its_own_reason(kind: str, count: int) -> None:
    payload = garbage(kind, "device_1", count, AT_US)  # type: ignore[arg-type]  # sampled from them

    result = translate("iot/device/device_1", payload, AT_US, {})

    assert isinstance(result, Rejected)
    assert result.reason == REASONS[kind]
