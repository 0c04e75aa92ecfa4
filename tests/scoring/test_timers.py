import pytest

from tests.scoring.acting import TIMERS, acknowledge, done, snooze, ticked, window
from tests.scoring.made import at_us, heart_rates, reading, run
from wardstream.scoring.limits import DEFAULTS
from wardstream.scoring.rows import encode
from wardstream.scoring.scorer import score
from wardstream.scoring.state import PatientState
from wardstream.scoring.timers import NEVER, Timers, next_due_us

MINUTE_S = 60
# The last of forty readings, ten seconds apart.
LAST_S = 390


def _regular(values: float = 70) -> PatientState:
    state, _ = run(heart_rates([values] * 40))
    return state


def test_somebody_who_reported_regularly_is_missed_after_fifteen_minutes() -> None:
    state = _regular()
    due_s = LAST_S + 15 * MINUTE_S

    assert next_due_us(state, TIMERS) == at_us(due_s)
    assert ticked(state, due_s - 1) == []
    (silent,) = ticked(state, due_s)

    assert (silent.kind, silent.vital, silent.state, silent.priority) == (
        "silence",
        "received_at",
        "active",
        "medium",
    )
    assert (silent.raised_at_us, silent.at_us) == (at_us(LAST_S), at_us(due_s))
    assert silent.explanation.sentence == "Nothing has arrived for 15 min."
    assert (silent.explanation.value, silent.explanation.limit) == (15, 15)
    assert silent.explanation.reading_id == heart_rates([70] * 40)[-1].reading_id


def test_silence_is_said_once_and_ends_with_the_next_reading() -> None:
    state = _regular()
    (silent,) = ticked(state, 2000)

    assert [each.kind for each in ticked(state, 2001)] == []
    (cleared,) = score(state, reading(3000, heart_rate_bpm=70), DEFAULTS).alarms

    assert (cleared.alarm_id, cleared.state, cleared.revision) == (silent.alarm_id, "cleared", 2)
    assert "arrive again" in cleared.explanation.sentence


def test_the_same_silence_has_the_same_id_and_another_silence_has_another() -> None:
    first, second = _regular(), _regular()
    (early,) = ticked(first, 2000)
    (late,) = ticked(second, 2500)
    for each in heart_rates([70] * 40, start_s=3000):
        score(second, each, DEFAULTS)
    (next_one,) = ticked(second, 5000)

    assert early.alarm_id == late.alarm_id
    assert next_one.alarm_id != late.alarm_id


def test_a_cuff_that_speaks_every_hour_is_not_missed_after_a_quarter() -> None:
    state, _ = run([reading(n * 3600, systolic_mmhg=120) for n in range(50)])

    assert next_due_us(state, TIMERS) == NEVER
    assert ticked(state, 50 * 3600) == []


def test_somebody_who_has_only_begun_to_report_is_not_missed() -> None:
    state, _ = run(heart_rates([70] * 8))

    assert next_due_us(state, TIMERS) == NEVER


def test_silence_is_measured_by_arrival_and_not_by_the_devices_clock() -> None:
    state, _ = run([reading(n * 10 - 36_000, received_second=n * 10, heart_rate_bpm=70) for n in range(40)])

    assert next_due_us(state, Timers(stale_us=0)) == at_us(LAST_S + 15 * MINUTE_S)


def test_who_was_heard_last_a_day_before_the_clock_looked_has_left() -> None:
    state = _regular()

    assert ticked(state, LAST_S + 24 * 3600 + 1) == []


def test_a_window_of_the_whole_person_begins_the_waiting_anew() -> None:
    state = _regular()
    done(state, window(400, 1000, second=395))

    assert next_due_us(state, TIMERS) == at_us(1000 + 15 * MINUTE_S)
    assert ticked(state, 1000 + 15 * MINUTE_S - 1) == []
    assert [each.kind for each in ticked(state, 1000 + 15 * MINUTE_S)] == ["silence"]


def test_a_window_of_one_vital_is_no_reason_to_say_nothing() -> None:
    state = _regular()
    done(state, window(400, 5000, second=395, vital="spo2_pct"))

    assert next_due_us(state, TIMERS) == at_us(LAST_S + 15 * MINUTE_S)


def _stale(count: int) -> PatientState:
    said = [reading(n * 10 - 3600, received_second=n * 10, heart_rate_bpm=70) for n in range(count)]
    return run(said)[0]


def test_data_that_stay_old_on_arrival_are_raised_after_five_minutes_and_clear_when_fresh() -> None:
    state = _stale(31)

    assert ticked(state, 299) == []
    (stale,) = ticked(state, 300)
    (cleared,) = score(state, reading(310, heart_rate_bpm=70), DEFAULTS).alarms

    assert (stale.kind, stale.vital, stale.priority, stale.device_id) == (
        "stale",
        "measured_at",
        "low",
        "ada-device",
    )
    assert stale.explanation.sentence == "For 5 min its data have been more than 10 min old on arrival."
    assert (cleared.alarm_id, cleared.state) == (stale.alarm_id, "cleared")


def test_an_outbox_that_is_emptied_is_not_stale() -> None:
    state, _ = run(
        [reading(n * 10 - 3600, received_second=n * 0.1, heart_rate_bpm=70) for n in range(360)]
        + [reading(n * 10, heart_rate_bpm=70) for n in range(4, 40)]
    )

    assert ticked(state, 400) == []
    assert state.care is None


def _danger() -> tuple[PatientState, str]:
    state, outcomes = run(heart_rates([190]))
    return state, outcomes[0].alarms[0].alarm_id


def test_an_active_high_alarm_says_again_until_it_has_said_so_three_times() -> None:
    state, alarm_id = _danger()

    steps = [step for second in range(0, 7200, 5) for step in ticked(state, second)]

    assert [(each.at_us, each.revision, each.reminder, each.state) for each in steps] == [
        (at_us(300), 2, 1, "active"),
        (at_us(600), 3, 2, "active"),
        (at_us(900), 4, 3, "active"),
    ]
    assert {each.alarm_id for each in steps} == {alarm_id}
    assert steps[0].explanation.sentence.startswith("Heart rate 190 bpm")


def test_a_medium_alarm_says_again_later_and_a_low_one_never() -> None:
    medium, _ = run(heart_rates([140] * 4))
    low, _ = run([reading(0, battery_pct=5)])

    assert next_due_us(medium, TIMERS) == at_us(30 + 15 * MINUTE_S)
    assert next_due_us(low, TIMERS) == NEVER


def test_an_acknowledged_alarm_sends_no_reminder() -> None:
    state, alarm_id = _danger()
    done(state, acknowledge(alarm_id, 10))

    assert next_due_us(state, TIMERS) == NEVER
    assert ticked(state, 7200) == []


def test_an_alarm_that_becomes_worse_is_reminded_of_anew() -> None:
    state, outcomes = run(heart_rates([140] * 4))
    done(state, acknowledge(outcomes[-1].alarms[0].alarm_id, 35))
    score(state, reading(40, heart_rate_bpm=190), DEFAULTS)

    (again,) = ticked(state, 340)

    assert (again.priority, again.reminder) == ("high", 1)


def test_a_snooze_holds_reminders_back_but_not_those_of_danger() -> None:
    medium, _ = run(heart_rates([140] * 4))
    danger, _ = _danger()
    for state in (medium, danger):
        done(state, snooze("heart_rate_bpm", "high", 7200, second=35))

    assert next_due_us(medium, TIMERS) == at_us(7200)
    assert next_due_us(danger, TIMERS) == at_us(300)


@pytest.mark.parametrize(("clinical", "due_s"), [(False, 300), (True, 3600)])
def test_a_window_holds_clinical_reminders_back_only_if_it_says_so(clinical: bool, due_s: int) -> None:
    state, _ = _danger()
    done(state, window(10, 3600, second=10, clinical=clinical))

    assert next_due_us(state, TIMERS) == at_us(due_s)


def test_every_timer_can_be_switched_off() -> None:
    off = Timers(silence_us=0, stale_us=0, remind_high_us=0, remind_medium_us=0)
    danger, _ = _danger()

    assert [next_due_us(state, off) for state in (_regular(), _stale(31), danger)] == [NEVER] * 3


def test_a_tick_with_nothing_to_say_changes_nothing() -> None:
    state, _ = _danger()
    before = encode(state)

    assert ticked(state, 299) == []
    assert encode(state) == before
