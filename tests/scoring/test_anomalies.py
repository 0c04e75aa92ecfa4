import pytest

from tests.scoring.made import reading, said
from wardstream.contracts.alarm_action import LimitPair, SetLimits
from wardstream.contracts.identity import anomaly_id
from wardstream.contracts.units import celsius
from wardstream.scoring.anomalies import flagged
from wardstream.scoring.limits import DEFAULTS, for_person


@pytest.mark.parametrize(
    ("vitals", "direction"),
    [
        ({"heart_rate_bpm": 59.0}, "low"),
        ({"heart_rate_bpm": 101.0}, "high"),
        ({"spo2_pct": 84.0}, "low"),
        ({"temperature_c": celsius(95.9)}, "low"),
        ({"temperature_c": celsius(101.1)}, "high"),
    ],
)
def test_a_value_outside_a_simple_limit_is_an_anomaly(vitals: dict[str, float], direction: str) -> None:
    found = flagged(said(0, vitals), DEFAULTS)

    assert [(a.direction, a.rule, a.value) for a in found] == [
        (direction, "simple_limit", next(iter(vitals.values())))
    ]


@pytest.mark.parametrize(
    "vitals",
    [
        {"heart_rate_bpm": 60.0},
        {"heart_rate_bpm": 100.0},
        {"spo2_pct": 85.0},
        {"temperature_c": celsius(96)},
        {"temperature_c": celsius(101)},
        {"systolic_mmhg": 300.0},
    ],
)
def test_a_value_on_the_limit_or_without_one_is_no_anomaly(vitals: dict[str, float]) -> None:
    assert flagged(said(0, vitals), DEFAULTS) == ()


def test_a_saturation_over_110_is_the_sensors_anomaly_only() -> None:
    broken = reading(0, spo2_pct=111, artefacts=("spo2_pct",))

    (found,) = flagged(broken, DEFAULTS)

    assert (found.rule, found.limit) == ("sensor", 110.0)
    assert found.anomaly_id == anomaly_id(broken.reading_id, "spo2_pct", "sensor")


def test_a_saturation_over_100_is_kept_and_not_flagged() -> None:
    assert flagged(reading(0, spo2_pct=104, artefacts=("spo2_pct",)), DEFAULTS) == ()


def test_an_artefact_and_a_sensor_off_the_body_are_never_flagged() -> None:
    assert flagged(reading(0, heart_rate_bpm=20, artefacts=("heart_rate_bpm",)), DEFAULTS) == ()
    assert flagged(reading(0, heart_rate_bpm=20, spo2_pct=140, on_body=False), DEFAULTS) == ()


def test_a_persons_own_simple_limits_decide() -> None:
    own = SetLimits(
        user_id="ada", by="nurse", at_us=1, simple={"heart_rate_bpm": LimitPair(low=45, high=150)}
    )
    limits = for_person(DEFAULTS, own)

    found = [flagged(reading(0, heart_rate_bpm=value), limits) for value in (44.0, 50.0, 140.0, 151.0)]

    assert [len(each) for each in found] == [1, 0, 0, 1]
