"""People at the bedside, and healthy people with a wearable."""

from random import Random
from statistics import fmean, pstdev

import pytest

from iot_simulator.patient import Patient, Population, Spread
from iot_simulator.wearer import Wearer

HOUR_US = 3_600_000_000
STEP_US = 15_000_000


def test_all_people_together_have_the_mean_and_spread_that_was_asked_for() -> None:
    people = [Patient(Population(), Random(f"person {number}")) for number in range(2000)]

    rates = [person.measure(("heart_rate_bpm",), 0)["heart_rate_bpm"] for person in people for _ in range(10)]

    assert fmean(rates) == pytest.approx(85.0, abs=0.8)
    assert pstdev(rates) == pytest.approx(12.0, abs=0.5)


def test_each_person_has_a_usual_heart_rate_of_their_own() -> None:
    people = [Patient(Population(), Random(f"person {number}")) for number in range(50)]

    own = [fmean(p.measure(("heart_rate_bpm",), 0)["heart_rate_bpm"] for _ in range(400)) for p in people]

    assert pstdev(own) > 5.0


def test_mean_and_spread_can_be_set() -> None:
    calm = Population(heart_rate_bpm=Spread(60.0, 0.0))

    vitals = Patient(calm, Random(1)).measure(("heart_rate_bpm",), 0)

    assert vitals == {"heart_rate_bpm": 60.0}


def a_day(seed: int) -> list[dict[str, float]]:
    person = Wearer(Random(seed))
    return [person.measure((), at_us) for at_us in range(0, 24 * HOUR_US, STEP_US)]


def test_a_healthy_day_stays_within_healthy_bounds() -> None:
    days = [vitals for seed in range(5) for vitals in a_day(seed)]

    assert all(35 < vitals["heart_rate_bpm"] < 145 for vitals in days)
    assert all(93 < vitals["spo2_pct"] <= 100 for vitals in days)
    assert all(35 < vitals["temperature_c"] < 38 for vitals in days)
    assert all(5 <= vitals["battery_pct"] <= 100 for vitals in days)
    assert all(vitals["diastolic_mmhg"] < vitals["systolic_mmhg"] for vitals in days)


def test_the_heart_beats_faster_while_walking_and_slower_in_the_small_hours() -> None:
    day = a_day(3)

    walking = fmean(v["heart_rate_bpm"] for v in day if v["steps_per_min"] > 0)
    resting = fmean(v["heart_rate_bpm"] for v in day if v["steps_per_min"] == 0)
    # A run begins at nine in the morning: 18 to 20 hours later it is three to five at night.
    night = fmean(v["heart_rate_bpm"] for v in day[18 * 240 : 20 * 240])
    afternoon = fmean(v["heart_rate_bpm"] for v in day[5 * 240 : 9 * 240])

    assert walking > resting + 15
    assert night < afternoon - 5
