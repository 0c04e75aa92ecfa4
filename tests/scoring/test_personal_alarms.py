from tests.scoring.made import alarms, heart_rates, reading, run, with_model
from wardstream.contracts.user_model import UserModel, Usual
from wardstream.scoring.scorer import forget_model, take_model

ATHLETE = UserModel(
    user_id="ada",
    version=3,
    fitted_at_us=1,
    usual={"heart_rate_bpm": Usual(mean=52, spread=5, readings=9000)},
)


def test_what_is_far_from_a_persons_usual_for_a_minute_is_raised_and_explained() -> None:
    athlete = with_model(ATHLETE)

    (alarm,) = alarms(heart_rates([96] * 13), athlete)

    assert (alarm.kind, alarm.direction, alarm.priority) == ("personal", "high", "low")
    why = alarm.explanation
    assert why.sentence == (
        "Heart rate 96 bpm is 8.8 spreads above this person's mean and has been far off for 2 min;"
        " usual is 42 to 62 bpm."
    )
    assert (why.usual_low, why.usual_high, why.model_version) == (42, 62, 3)
    assert why.readings_used == 9012
    assert why.evidence == {"heart_rate_bpm": 8.8}


def test_without_a_model_or_enough_readings_nothing_is_unusual() -> None:
    assert alarms(heart_rates([60] * 50 + [125] * 30)) == []


def test_half_a_day_of_own_readings_is_enough_to_call_a_change_unusual() -> None:
    hours = heart_rates([58 + n * n % 7 for n in range(3000)])

    (alarm,) = alarms(hours + heart_rates([120] * 30, start_s=30_000))

    assert alarm.kind == "personal"


def test_a_heart_that_races_in_the_second_hour_is_told_of_though_the_person_is_hardly_known() -> None:
    hours = heart_rates([62 + n * n % 7 for n in range(720)])

    # 55 above: a heart's tails are as long in somebody's second hour as later.
    (alarm,) = alarms(hours + heart_rates([119] * 30, start_s=7200))

    assert (alarm.kind, alarm.vital) == ("personal", "heart_rate_bpm")


def test_a_person_whose_usual_is_slow_is_not_alarmed_personally_but_still_clinically() -> None:
    athlete = with_model(ATHLETE)

    assert alarms(heart_rates([50] * 100), athlete) == []
    (alarm,) = alarms(heart_rates([39] * 3), athlete)
    assert alarm.kind == "clinical"


def test_effort_is_neither_unusual_nor_learned() -> None:
    athlete = with_model(ATHLETE)
    running = [reading(n * 10, heart_rate_bpm=150, steps_per_min=170) for n in range(200)]

    state, outcomes = run(running, athlete)

    assert not any(outcome.alarms for outcome in outcomes)
    assert state.vitals["heart_rate_bpm"].habit == athlete.vitals["heart_rate_bpm"].habit


def test_the_baseline_is_frozen_while_something_is_going_on() -> None:
    athlete = with_model(ATHLETE)
    state, _ = run(heart_rates([96] * 13), athlete)

    later, _ = run(heart_rates([96] * 500, start_s=140), state)

    assert later.vitals["heart_rate_bpm"].habit == state.vitals["heart_rate_bpm"].habit


def test_nothing_personal_is_raised_under_the_clinical_alarm_of_the_same_side() -> None:
    athlete = with_model(ATHLETE)

    said = alarms(heart_rates([160] * 60), athlete)

    assert [alarm.kind for alarm in said] == ["clinical"]


def test_a_sudden_alarm_makes_the_next_lasting_one_harder() -> None:
    athlete = with_model(ATHLETE)

    state, _ = run(heart_rates([52] * 60 + [100] * 20), athlete)

    sustained = state.vitals["heart_rate_bpm"].sustained
    assert sustained is not None
    assert sustained.tolerance > 1.2


def test_a_personal_alarm_clears_near_the_usual() -> None:
    athlete = with_model(ATHLETE)

    said = alarms(heart_rates([96] * 13 + [60] * 181), athlete)

    assert [alarm.state for alarm in said] == ["active", "cleared"]
    assert said[1].explanation.sentence == (
        "Heart rate 60 bpm: back near this person's usual 42 to 62 bpm for 30 min."
    )


def test_a_higher_version_replaces_and_a_lower_one_does_not() -> None:
    state = with_model(ATHLETE)
    older = UserModel(user_id="ada", version=2, fitted_at_us=1, usual={})
    newer = UserModel(
        user_id="ada",
        version=4,
        fitted_at_us=2,
        usual={"heart_rate_bpm": Usual(mean=70, spread=6, readings=100)},
    )

    assert not take_model(state, older)
    assert not take_model(state, ATHLETE)
    assert take_model(state, newer)
    assert state.model_version == 4
    assert state.vitals["heart_rate_bpm"].baseline is not None
    assert state.vitals["heart_rate_bpm"].baseline.mean == 70


def test_a_forgotten_model_ends_its_alarm_and_its_usual() -> None:
    state, _ = run(heart_rates([96] * 13), with_model(ATHLETE))

    assert forget_model(state)
    (cleared,) = alarms(heart_rates([96], start_s=140), state)

    assert state.model_version == 0
    assert cleared.state == "cleared"
    assert cleared.explanation.sentence == (
        "Heart rate 96 bpm: what is usual for this person is no longer known."
    )
