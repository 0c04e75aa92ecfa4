"""Pauses grow, are bounded, and differ between replicas."""

from hypothesis import given
from hypothesis import strategies as st

from mqtt_bridge.backoff import pause_s


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_a_pause_is_never_longer_than_two_seconds_nor_nothing(failures: int, jitter: float) -> None:
    assert 0.05 <= pause_s(failures, jitter) <= 2.0


@given(st.integers(0, 10), st.floats(0, 1))
def test_a_pause_never_shrinks_with_more_failures(failures: int, jitter: float) -> None:
    assert pause_s(failures + 1, jitter) >= pause_s(failures, jitter)


def test_jitter_tells_replicas_apart() -> None:
    assert pause_s(3, 0.0) < pause_s(3, 1.0)
