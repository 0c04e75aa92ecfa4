"""What people type at the desk."""

import pytest

from wardstream.contracts.alarm_action import LimitPair
from wardstream.desk.moments import duration_us, instant_us
from wardstream.desk.pairs import pairs, vital_named


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("45m", 2700), ("2h", 7200), ("1d", 86_400), ("0m", 0)]
)
def test_durations_are_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert duration_us(text) == seconds * 1_000_000


@pytest.mark.parametrize("text", ["", "30", "m", "-5m", "1.5h", "2 h", "5w", "1234567s"])
def test_other_durations_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write 30s"):
        duration_us(text)


def test_an_instant_without_a_zone_is_utc() -> None:
    assert instant_us("2026-03-01T07:30") == instant_us("2026-03-01T08:30+01:00")


def test_another_instant_is_refused_with_an_example() -> None:
    with pytest.raises(ValueError, match="write 2026"):
        instant_us("half past seven")


def test_limits_have_two_sides_of_which_one_may_be_left_out() -> None:
    assert pairs(["heart_rate_bpm=45:150", "spo2_pct=88:", "temperature_c=:39.5"]) == {
        "heart_rate_bpm": LimitPair(low=45, high=150),
        "spo2_pct": LimitPair(low=88),
        "temperature_c": LimitPair(high=39.5),
    }


@pytest.mark.parametrize(
    "text", ["heart_rate_bpm", "heart_rate_bpm=45", "mood=1:2", "spo2_pct=a:b", "spo2_pct=95:90"]
)
def test_other_limits_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        pairs([text])


def test_an_unknown_vital_is_refused_with_all_names() -> None:
    with pytest.raises(ValueError, match="heart_rate_bpm, spo2_pct"):
        vital_named("pulse")
