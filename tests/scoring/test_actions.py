import msgspec
import pytest

from tests.scoring.acting import acknowledge, action, done, snooze, window
from tests.scoring.made import alarms, at_us, heart_rates, reading, run, saturations, with_model
from wardstream.contracts import wire
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.user_model import UserModel, Usual
from wardstream.scoring.actions import act
from wardstream.scoring.rows import encode
from wardstream.scoring.state import PatientState

HOUR_S = 3600


def test_a_snoozed_direction_raises_nothing_until_it_ends_and_then_what_still_lasts() -> None:
    state = PatientState()
    done(state, snooze("heart_rate_bpm", "high", 300))

    (late,) = alarms(heart_rates([140] * 40), state)

    assert late.at_us == at_us(300)
    assert late.raised_at_us == at_us(0)


def test_snoozing_high_never_hides_low() -> None:
    state = PatientState()
    done(state, snooze("heart_rate_bpm", "high", HOUR_S))

    (alarm,) = alarms(heart_rates([38] * 5), state)

    assert alarm.direction == "low"


def test_snoozing_one_vital_hides_no_other() -> None:
    state = PatientState()
    done(state, snooze("heart_rate_bpm", "low", HOUR_S))

    (alarm,) = alarms(saturations([88] * 5), state)

    assert alarm.vital == "spo2_pct"


@pytest.mark.parametrize("value", [180, 190, 250])
def test_a_snooze_never_hides_danger(value: float) -> None:
    state = PatientState()
    done(state, snooze("heart_rate_bpm", "high", HOUR_S))

    (alarm,) = alarms(heart_rates([140, 140, value]), state)

    assert alarm.priority == "high"


def test_a_snooze_of_which_the_end_has_come_is_forgotten() -> None:
    state = PatientState()
    done(state, snooze("heart_rate_bpm", "high", 100))

    after, _ = run(heart_rates([80] * 12), state)

    assert after.care is None


def test_a_snooze_is_ended_by_one_that_ends_at_once() -> None:
    state = PatientState()
    done(state, snooze("heart_rate_bpm", "high", HOUR_S, number=1))
    done(state, snooze("heart_rate_bpm", "high", 0, second=1, number=2))

    assert len(alarms(heart_rates([140] * 5), state)) == 1


def _used_to_52() -> PatientState:
    usual = {"heart_rate_bpm": Usual(mean=52, spread=5, readings=9000)}
    return with_model(UserModel(user_id="ada", version=1, fitted_at_us=0, usual=usual))


def test_in_a_window_nothing_personal_is_raised_and_after_it_what_still_lasts_is() -> None:
    state = _used_to_52()
    done(state, window(0, 300))

    (alarm,) = alarms(heart_rates([96] * 40), state)

    assert (alarm.kind, alarm.at_us) == ("personal", at_us(300))


def test_a_window_leaves_clinical_alarms_alone_unless_it_says_otherwise() -> None:
    plain, explicit = PatientState(), PatientState()
    done(plain, window(0, HOUR_S))
    done(explicit, window(0, HOUR_S, clinical=True))

    assert len(alarms(saturations([60] * 5), plain)) == 1
    assert alarms(saturations([60] * 5), explicit) == []


def test_a_window_of_one_vital_is_about_no_other() -> None:
    state = PatientState()
    done(state, window(0, HOUR_S, vital="spo2_pct", clinical=True))

    assert alarms(saturations([60] * 5), state) == []
    assert len(alarms(heart_rates([190]), state)) == 1


def test_a_window_is_about_what_was_measured_in_it_whenever_that_arrives() -> None:
    state = PatientState()
    done(state, window(100, 200, clinical=True))
    measured_in_it = reading(150, received_second=500, spo2_pct=60)
    measured_before = reading(90, received_second=150, spo2_pct=60)

    assert alarms([measured_in_it], state) == []
    assert len(alarms([measured_before], state)) == 1


def test_an_alarm_that_stands_goes_on_through_snooze_and_window_and_clears_in_them() -> None:
    state, _ = run(heart_rates([140] * 4))
    done(state, snooze("heart_rate_bpm", "high", HOUR_S, second=40, number=1))
    done(state, window(40, HOUR_S, second=40, number=2))

    (cleared,) = alarms(heart_rates([80] * 5, start_s=50), state)

    assert cleared.state == "cleared"


def test_an_action_that_comes_again_is_not_done_again() -> None:
    state, outcomes = run(heart_rates([140] * 4))
    alarm = outcomes[-1].alarms[0]
    seen = acknowledge(alarm.alarm_id, 35)
    done(state, seen)
    worse, _ = run(heart_rates([190], start_s=40), state)
    before = encode(worse)

    again = act(worse, seen)

    assert again.result == "repeated"
    assert encode(worse) == before


def test_of_two_senders_the_one_who_said_it_last_counts() -> None:
    state = PatientState()
    done(state, snooze("heart_rate_bpm", "high", HOUR_S, second=20, number=1))

    older = act(state, snooze("heart_rate_bpm", "high", 30, second=10, number=2))

    assert older.result == "overtaken"
    assert alarms(heart_rates([140] * 5), state) == []


def test_ids_of_old_actions_are_forgotten_and_the_state_stays_small() -> None:
    state = PatientState()
    for n in range(200):
        done(state, snooze("heart_rate_bpm", "high", 100 + n, second=n, number=n))

    assert len(state.acted) == 160


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"v": 4}, "version"),
        ({"by": ""}, "format"),
        ({"by": None}, "format"),
        ({"at_us": -1}, "format"),
        ({"action_id": "short"}, "format"),
        ({"does": {"action": "shout"}}, "format"),
        ({"does": {"action": "acknowledge"}}, "format"),
        ({"does": {"action": "snooze", "vital": "mood", "direction": "low", "until_us": 1}}, "format"),
        ({"does": {"action": "snooze", "vital": "spo2_pct", "direction": "up", "until_us": 1}}, "format"),
    ],
)
def test_a_malformed_or_unknown_action_is_refused(changed: dict[str, object], reason: str) -> None:
    good = msgspec.to_builtins(action(acknowledge("a", 0).does, 0))

    with pytest.raises(Malformed) as refused:
        wire.alarm_action(msgspec.json.encode(good | changed))

    assert refused.value.reason == reason


def test_no_snooze_and_no_window_is_endless() -> None:
    with pytest.raises(ValueError, match="24 h at most"):
        snooze("spo2_pct", "low", 24 * HOUR_S + 1)
    with pytest.raises(ValueError, match="168 h at most"):
        window(0, 7 * 24 * HOUR_S + 1)
    with pytest.raises(ValueError, match="4 h at most"):
        window(0, 4 * HOUR_S + 1, clinical=True)
