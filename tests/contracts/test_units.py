"""Units turn without losing what the device said."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardstream.contracts.units import celsius, epoch_us, fahrenheit, utc


@pytest.mark.parametrize(("f", "c"), [(98.6, 37.0), (32.0, 0.0), (101.0, 38.33), (96.0, 35.56)])
def test_known_temperatures(f: float, c: float) -> None:
    assert celsius(f) == c


@given(st.integers(500, 1220))
def test_a_tenth_of_a_degree_fahrenheit_survives_both_ways(tenths: int) -> None:
    assert fahrenheit(celsius(tenths / 10)) == tenths / 10


@given(st.integers(0, 2**52))
def test_microseconds_survive_both_ways(microseconds: int) -> None:
    assert epoch_us(utc(microseconds)) == microseconds


def test_another_zone_is_the_same_instant() -> None:
    here = datetime(2025, 11, 8, 12, 0, tzinfo=timezone(timedelta(hours=2)))

    assert epoch_us(here) == epoch_us(datetime(2025, 11, 8, 10, 0, tzinfo=UTC))
