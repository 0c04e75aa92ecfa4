import random

import pytest

from tests.scoring.made import alarms, at_us, heart_rates, reading, run, said, saturations
from wardstream.contracts.alarm_action import LimitPair, SetLimits
from wardstream.contracts.identity import alarm_id
from wardstream.contracts.reading import Reading
from wardstream.scoring.limits import DEFAULTS, for_person
from wardstream.scoring.scorer import score


def test_a_racing_heart_at_rest_is_raised_with_its_onset_and_its_words() -> None:
    racing = heart_rates([80, 135, 138, 140, 142])

    (alarm,) = alarms(racing)

    assert (alarm.kind, alarm.vital, alarm.direction) == ("clinical", "heart_rate_bpm", "high")
    assert (alarm.state, alarm.revision, alarm.priority) == ("active", 1, "medium")
    assert alarm.alarm_id == alarm_id("ada", "clinical", "heart_rate_bpm:high", racing[1].reading_id)
    assert (alarm.raised_at_us, alarm.at_us) == (at_us(10), at_us(40))
    assert alarm.explanation.sentence == (
        "Heart rate 142 bpm at rest for 30 s; alarm limit is 131 bpm (NEWS2 red value)."
    )
    assert (alarm.explanation.reading_id, alarm.explanation.limit) == (racing[4].reading_id, 131)


def test_the_same_heart_on_the_stairs_is_no_alarm() -> None:
    climbing = [reading(n * 10, heart_rate_bpm=150, steps_per_min=90) for n in range(30)]

    assert alarms(climbing) == []


def test_a_heart_beyond_any_effort_alarms_on_the_stairs_too() -> None:
    (alarm,) = alarms([reading(0, heart_rate_bpm=230, steps_per_min=90)])

    assert alarm.explanation.sentence == "Heart rate 230 bpm; 180 bpm or above alarms at once (danger value)."


@pytest.mark.parametrize(
    ("vitals", "sentence"),
    [
        ({"heart_rate_bpm": 28}, "Heart rate 28 bpm; 30 bpm or below alarms at once (danger value)."),
        ({"spo2_pct": 74}, "Oxygen saturation 74 %; 75 % or below alarms at once (danger value)."),
        ({"temperature_c": 41.6}, "Temperature 41.6 °C; 41.5 °C or above alarms at once (danger value)."),
    ],
)
def test_a_dangerous_value_alarms_at_once(vitals: dict[str, float], sentence: str) -> None:
    (alarm,) = alarms([said(0, vitals)])

    assert alarm.explanation.sentence == sentence


def test_an_alarm_clears_once_well_inside_for_long_enough() -> None:
    steps = alarms(heart_rates([140, 140, 140, 140, 124, 124, 120, 118]))

    assert [(step.state, step.revision, step.at_us) for step in steps] == [
        ("active", 1, at_us(30)),
        ("cleared", 2, at_us(70)),
    ]
    assert steps[0].alarm_id == steps[1].alarm_id
    assert steps[1].explanation.sentence == (
        "Heart rate 118 bpm: back inside the alarm limit of 131 bpm for 30 s."
    )


def test_a_late_reading_neither_raises_nor_reopens_nor_clears_an_alarm() -> None:
    state, _ = run(heart_rates([135, 135, 135, 135, 120, 120], start_s=1000))

    late = [reading(n, heart_rate_bpm=value) for n, value in enumerate([190.0, 25.0] + [80.0] * 60)]
    after, outcomes = run(late, state)

    assert [alarm for outcome in outcomes for alarm in outcome.alarms] == []
    assert after.vitals == state.vitals
    assert [len(outcome.anomalies) for outcome in outcomes[:3]] == [1, 1, 0]


def test_a_clock_that_ran_two_days_ahead_does_not_hide_danger_afterwards() -> None:
    ahead = reading(170_000, received_second=0, heart_rate_bpm=70)

    (alarm,) = alarms([ahead, reading(1, received_second=1, heart_rate_bpm=25)])

    assert alarm.direction == "low"


def test_low_and_high_beginning_with_one_reading_would_be_two_alarms() -> None:
    low = alarm_id("ada", "clinical", "spo2_pct:low", "r")

    assert low != alarm_id("ada", "clinical", "spo2_pct:high", "r")


def test_a_persons_own_clinical_limits_decide_but_danger_stays() -> None:
    own = SetLimits(user_id="ada", by="doctor", at_us=1, clinical={"spo2_pct": LimitPair(low=84)})
    limits = for_person(DEFAULTS, own)

    assert alarms(saturations([88] * 20), limits=limits) == []
    (set_for_her,) = alarms(saturations([83] * 5), limits=limits)
    assert set_for_her.explanation.sentence == (
        "Oxygen saturation 83 % for 20 s; alarm limit is 84 % (set for this person)."
    )
    assert len(alarms(saturations([74]), limits=limits)) == 1


def test_a_raised_alarm_ends_with_its_limit() -> None:
    own = SetLimits(user_id="ada", by="doctor", at_us=1, clinical={"diastolic_mmhg": LimitPair(high=100)})
    high = [reading(n * 10, diastolic_mmhg=120) for n in range(3)]
    state, _ = run(high, limits=for_person(DEFAULTS, own))

    (cleared,) = alarms([reading(60, diastolic_mmhg=120)], state)

    assert cleared.state == "cleared"
    assert cleared.explanation.sentence == (
        "Diastolic blood pressure 120 mmHg: no alarm limit applies any more."
    )


def _noise(seconds: int, seed: int) -> list[Reading]:
    """The bedside profile of the simulator: independent normal values."""
    rng = random.Random(seed)
    made = []
    for second in range(seconds):
        made.append(reading(second, heart_rate_bpm=round(rng.gauss(85, 12))))
        if second % 10 == 0:
            made.append(reading(second + 0.1, spo2_pct=min(100, round(rng.gauss(90, 3)))))
        if second % 15 == 0:
            made.append(reading(second + 0.2, temperature_c=round((rng.gauss(99, 1.5) - 32) / 1.8, 2)))
    return made


@pytest.mark.parametrize("seed", range(3))
def test_two_hours_of_the_bedside_simulators_noise_raise_the_low_saturation_once_and_nothing_else(
    seed: int,
) -> None:
    steps = alarms(_noise(7200, seed))

    assert [(step.kind, step.vital, step.state) for step in steps] == [("clinical", "spo2_pct", "active")]


def test_an_artefact_and_a_sensor_off_the_body_raise_nothing() -> None:
    off = [reading(n, heart_rate_bpm=0, spo2_pct=20, on_body=False) for n in range(100)]
    broken = [reading(200 + n, spo2_pct=10, artefacts=("spo2_pct",)) for n in range(100)]

    assert alarms(off + broken) == []


def test_a_repeated_reading_changes_nothing_and_says_nothing() -> None:
    dangerous = reading(0, heart_rate_bpm=25)
    state, _ = run([dangerous])

    outcome = score(state, dangerous, DEFAULTS)

    assert outcome.is_repeated
    assert (outcome.alarms, outcome.anomalies) == ((), ())
