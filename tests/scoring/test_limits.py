import pytest

from wardstream.contracts.alarm_action import LimitPair, SetLimits
from wardstream.contracts.anomaly import Direction
from wardstream.contracts.vitals import Vital
from wardstream.scoring.limits import DANGER, DEFAULTS, LimitsFile, for_everybody, for_person


@pytest.mark.parametrize(
    ("vital", "direction", "red", "not_red"),
    [
        ("respiratory_rate_bpm", "low", 8, 9),
        ("respiratory_rate_bpm", "high", 25, 24),
        ("spo2_pct", "low", 91, 92),
        ("systolic_mmhg", "low", 90, 91),
        ("systolic_mmhg", "high", 220, 219),
        ("heart_rate_bpm", "low", 40, 41),
        ("heart_rate_bpm", "high", 131, 130),
        ("temperature_c", "low", 35.0, 35.1),
    ],
)
def test_clinical_limits_are_news2s_red_values_inclusively(
    vital: Vital, direction: Direction, red: float, not_red: float
) -> None:
    bound = DEFAULTS.clinical[vital].towards(direction)

    assert bound is not None
    assert bound.is_crossed_by(red, direction)
    assert not bound.is_crossed_by(not_red, direction)
    assert "NEWS2" in bound.source


def test_every_danger_value_lies_beyond_the_red_value_of_its_side() -> None:
    for vital, bounds in DANGER.items():
        red = DEFAULTS.clinical[vital]

        if red.low and bounds.low:
            assert bounds.low.value < red.low.value
        if red.high and bounds.high:
            assert bounds.high.value > red.high.value


def test_a_persons_own_limits_replace_only_the_vitals_named_and_are_strict() -> None:
    own = SetLimits(user_id="ada", by="nurse", at_us=1, clinical={"heart_rate_bpm": LimitPair(high=150)})

    limits = for_person(DEFAULTS, own)

    high = limits.clinical["heart_rate_bpm"].high
    assert high is not None
    assert not high.is_crossed_by(150, "high")
    assert high.is_crossed_by(150.5, "high")
    assert limits.clinical["heart_rate_bpm"].low is None
    assert limits.clinical["spo2_pct"] == DEFAULTS.clinical["spo2_pct"]
    assert limits.simple == DEFAULTS.simple


def test_without_own_limits_everybodys_hold() -> None:
    assert for_person(DEFAULTS, None) is DEFAULTS


def test_a_file_changes_everybodys_limits() -> None:
    written = LimitsFile(simple={"heart_rate_bpm": LimitPair(low=50, high=120)})

    limits = for_everybody(written)

    assert limits.simple["heart_rate_bpm"] == LimitPair(low=50, high=120)
    assert limits.clinical == DEFAULTS.clinical
