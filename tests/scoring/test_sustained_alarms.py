"""What a person's habit says over half an hour and over days, through the scorer as it runs."""

from random import Random

from tests.scoring.made import alarms, reading, run
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.reading import Reading
from wardstream.contracts.user_model import UserModel, Usual
from wardstream.scoring.limits import DEFAULTS
from wardstream.scoring.scorer import forget_model, score, take_model
from wardstream.scoring.state import PatientState

_DAY_S = 86_400


def _days(first: int, last: int, shift: float = 0.0) -> list[Reading]:
    """A minute at a time: 62 +- 3 bpm, lower at night, a little different every day."""
    rng = Random(first)
    made = []
    for day in range(first, last):
        own = rng.gauss(0.0, 1.5)
        for minute in range(1440):
            night = -5.0 if minute < 420 else 0.0
            value = round(62.0 + night + own + shift + rng.gauss(0.0, 3.0), 1)
            made.append(reading(day * _DAY_S + minute * 60, heart_rate_bpm=value, steps_per_min=0))
    return made


def _told(readings: list[Reading], state: PatientState) -> list[Alarm]:
    return [alarm for each in readings for alarm in score(state, each, DEFAULTS).alarms]


def test_forty_percent_for_an_hour_is_found_within_the_hour_and_clears_after() -> None:
    state, _ = run(_days(0, 3))
    hour = [reading(3 * _DAY_S + n * 60, heart_rate_bpm=80 + n % 3, steps_per_min=0) for n in range(60)]

    raised, cleared = _told(hour + _days(3, 4)[60:], state)

    assert (raised.kind, raised.vital, raised.direction, raised.state) == (
        "personal",
        "heart_rate_bpm",
        "high",
        "active",
    )
    assert raised.at_us - hour[0].measured_at_us <= 45 * 60 * 1_000_000
    assert raised.explanation.usual_high is not None
    assert raised.explanation.usual_high < 76
    assert "at rest for" in raised.explanation.sentence
    assert cleared.state == "cleared"
    assert cleared.alarm_id == raised.alarm_id


def test_what_is_far_worse_than_the_lasting_alarm_is_told_of_and_what_is_as_bad_is_not() -> None:
    state, _ = run(_days(0, 3))
    start = 3 * _DAY_S
    fast = [reading(start + n * 60, heart_rate_bpm=84 + n % 3, steps_per_min=0) for n in range(60)]
    as_fast = [reading(start + 3600 + n * 60, heart_rate_bpm=96 + n % 3, steps_per_min=0) for n in range(8)]
    racing = [reading(start + 4080 + n * 60, heart_rate_bpm=148 + n % 3, steps_per_min=0) for n in range(8)]

    lasting = _told(fast, state)
    standing, worse = _told(as_fast, state), _told(racing, state)

    assert [alarm.state for alarm in lasting] == ["active"]
    assert standing == []
    assert [(alarm.kind, alarm.state) for alarm in worse] == [("personal", "active")]
    assert worse[0].alarm_id != lasting[0].alarm_id
    assert "far off for" in worse[0].explanation.sentence


def test_a_heart_that_races_after_it_was_back_to_usual_is_told_of_though_the_lasting_alarm_stands() -> None:
    state, _ = run(_days(0, 3))
    start = 3 * _DAY_S + 12 * 3600
    fast = [reading(start + n * 60, heart_rate_bpm=84 + n % 3, steps_per_min=0) for n in range(60)]
    usual = [reading(start + 3600 + n * 60, heart_rate_bpm=61 + n % 3, steps_per_min=0) for n in range(75)]
    again = [reading(start + 8100 + n * 60, heart_rate_bpm=108 + n % 3, steps_per_min=0) for n in range(6)]

    said = _told(_days(3, 4)[:720] + fast, state)
    told = _told(usual, state) + _told(again, state)

    assert [alarm.state for alarm in said] == ["active"]
    assert [(alarm.kind, alarm.state) for alarm in told] == [("personal", "active")]
    assert told[0].alarm_id != said[0].alarm_id


def test_what_was_learned_before_a_step_counter_spoke_is_soon_outweighed() -> None:
    unseen = [reading(n * 60, heart_rate_bpm=90 + n % 7) for n in range(600)]
    seen = [reading(_DAY_S + n * 60, heart_rate_bpm=62 + n % 3, steps_per_min=0) for n in range(180)]
    learned, _ = run(unseen)
    trusting, _ = run([reading(n * 60, heart_rate_bpm=90 + n % 7, steps_per_min=0) for n in range(600)])

    def level(state: PatientState) -> float:
        habit = run(seen, state)[0].vitals["heart_rate_bpm"].habit
        assert habit is not None
        return habit.level

    assert level(learned) < 67
    assert level(trusting) > 75


def test_a_model_is_believed_though_the_step_counter_speaks_for_the_first_time() -> None:
    state = PatientState()
    take_model(state, _model(1, 62.0))
    habit = state.vitals["heart_rate_bpm"].habit
    assert habit is not None
    taught = habit.taught

    after, _ = run([reading(0, heart_rate_bpm=62, steps_per_min=0)], state)

    known = after.vitals["heart_rate_bpm"].habit
    assert known is not None
    assert known.taught == taught > 100


def test_a_rise_from_a_low_hour_tells_from_where_it_came() -> None:
    state, _ = run(_days(0, 3))
    noon = 3 * _DAY_S + 12 * 3600
    low = [reading(noon + n * 60, heart_rate_bpm=48 + n % 3, steps_per_min=0) for n in range(90)]
    high = [reading(noon + 5400 + n * 60, heart_rate_bpm=71 + n % 3, steps_per_min=0) for n in range(60)]

    said = _told(_days(3, 4)[:720] + low + high, state)

    assert [alarm.state for alarm in said] == ["active"]
    assert said[0].explanation.sentence.startswith("Heart rate at rest rose from 5")
    assert "in the hour before" in said[0].explanation.sentence


def test_eight_beats_for_five_days_are_found_over_days_and_are_not_learned() -> None:
    state, _ = run(_days(0, 14))
    before = state.vitals["heart_rate_bpm"].habit
    assert before is not None
    level = before.level

    said = [alarm for alarm in _told(_days(14, 20, shift=8.0), state) if alarm.vital == "trend"]

    assert [(alarm.kind, alarm.vital, alarm.state) for alarm in said] == [("personal", "trend", "active")]
    assert said[0].explanation.evidence["heart_rate_bpm"] >= 2.0
    hours = (said[0].at_us - said[0].raised_at_us) // 3_600_000_000 + 24
    assert said[0].explanation.sentence == (
        f"Not as usual for this person for {hours} h or more: heart rate higher."
    )
    after = state.vitals["heart_rate_bpm"].habit
    assert after is not None
    assert after.level - level < 2.0


def test_two_weeks_as_usual_say_nothing() -> None:
    assert alarms(_days(0, 14)) == []


def _model(version: int, mean: float) -> UserModel:
    usual = {"heart_rate_bpm": Usual(mean=mean, spread=4, readings=40_000, days=28)}
    return UserModel(user_id="ada", version=version, fitted_at_us=version, usual=usual)


def test_another_model_is_no_rise() -> None:
    state = PatientState()
    take_model(state, _model(1, mean=94))
    _told(_days(0, 1), state)

    take_model(state, _model(2, mean=60))

    said = _told(_days(1, 2), state)
    # What began by the old model ends; nothing begins by the new one.
    assert {alarm.state for alarm in said} <= {"cleared"}


def test_a_day_by_another_model_is_no_evidence_over_days() -> None:
    state = PatientState()
    take_model(state, _model(1, mean=45))
    _told(_days(0, 1)[:800], state)

    take_model(state, _model(2, mean=60))

    assert [alarm for alarm in _told(_days(0, 3)[800:], state) if alarm.vital == "trend"] == []


def test_a_rise_under_a_model_that_came_meanwhile_is_told_from_where_it_came() -> None:
    state, _ = run(_days(0, 3))
    noon = 3 * _DAY_S + 12 * 3600
    low = [reading(noon + n * 60, heart_rate_bpm=48 + n % 3, steps_per_min=0) for n in range(90)]
    high = [reading(noon + 5400 + n * 60, heart_rate_bpm=72 + n % 3, steps_per_min=0) for n in range(60)]
    _told(_days(3, 4)[:720] + low, state)

    take_model(state, _model(1, mean=66))

    said = _told(high, state)
    assert [alarm.state for alarm in said] == ["active"]
    assert said[0].explanation.sentence.startswith("Heart rate at rest rose from 5")


def test_a_forgotten_model_is_no_rise_either() -> None:
    state = PatientState()
    take_model(state, _model(1, mean=94))
    _told(_days(0, 1), state)

    forget_model(state)

    assert [alarm for alarm in _told(_days(1, 2), state) if alarm.state == "active"] == []


def test_a_personal_model_never_hides_a_clinical_danger() -> None:
    state, _ = run(_days(0, 2, shift=60.0))

    said = _told([reading(2 * _DAY_S + n, heart_rate_bpm=190) for n in range(5)], state)

    assert ("clinical", "high") in {(alarm.kind, alarm.direction) for alarm in said}
