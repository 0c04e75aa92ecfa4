import pytest

from wardstream.scoring.words import amount, duration, span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (60, "60 s"), (119, "119 s"), (120, "2 min"), (3600, "60 min"), (7200, "2 h")],
)
def test_durations_are_told_in_the_largest_unit_that_makes_two(seconds: int, words: str) -> None:
    assert duration(seconds * 1_000_000) == words


def test_values_carry_no_decimal_that_says_nothing() -> None:
    assert amount("heart_rate_bpm", 142.0) == "142 bpm"
    assert amount("temperature_c", 34.62) == "34.6 °C"
    assert span("temperature_c", 36.02, 37.44) == "36 to 37.4 °C"
    assert span("heart_rate_bpm", 57.6, 74.2) == "58 to 74 bpm"
