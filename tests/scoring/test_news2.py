import pytest

from tests.scoring.made import alarms, reading
from wardstream.contracts.vitals import Vital
from wardstream.scoring.news2 import aggregate, points


@pytest.mark.parametrize(
    ("vital", "value", "scored"),
    [
        ("respiratory_rate_bpm", 8, 3),
        ("respiratory_rate_bpm", 9, 1),
        ("respiratory_rate_bpm", 20, 0),
        ("respiratory_rate_bpm", 24, 2),
        ("respiratory_rate_bpm", 25, 3),
        ("spo2_pct", 91, 3),
        ("spo2_pct", 93, 2),
        ("spo2_pct", 95, 1),
        ("spo2_pct", 96, 0),
        ("systolic_mmhg", 90, 3),
        ("systolic_mmhg", 100, 2),
        ("systolic_mmhg", 219, 0),
        ("systolic_mmhg", 220, 3),
        ("heart_rate_bpm", 40, 3),
        ("heart_rate_bpm", 50, 1),
        ("heart_rate_bpm", 90, 0),
        ("heart_rate_bpm", 130, 2),
        ("heart_rate_bpm", 131, 3),
        ("temperature_c", 35.0, 3),
        ("temperature_c", 36.1, 0),
        ("temperature_c", 39.1, 2),
        ("diastolic_mmhg", 20, 0),
    ],
)
def test_points_are_those_of_the_chart(vital: Vital, value: float, scored: int) -> None:
    assert points(vital, value) == scored


def test_the_aggregate_is_that_of_the_vitals_present() -> None:
    assert aggregate({"heart_rate_bpm": 112, "spo2_pct": 93}) == 4
    assert aggregate({"heart_rate_bpm": 112, "spo2_pct": 93}, gcs=14) == 7
    assert aggregate({}) == 0


def test_several_vitals_that_are_each_a_little_off_raise_one_alarm_together() -> None:
    ill = [
        reading(n * 15, heart_rate_bpm=115, spo2_pct=94, respiratory_rate_bpm=22, temperature_c=38.5)
        for n in range(120)
    ]

    said = [alarm for alarm in alarms(ill) if alarm.vital == "news2"]

    assert [(alarm.kind, alarm.state) for alarm in said] == [("clinical", "active")]
    assert said[0].explanation.sentence.startswith("NEWS2 of the vitals present is 6: heart rate 115 bpm (2)")
