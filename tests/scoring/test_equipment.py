from tests.scoring.acting import done, window
from tests.scoring.made import alarms, at_us, reading, run
from wardstream.contracts.reading import Reading
from wardstream.scoring.limits import DEFAULTS
from wardstream.scoring.scorer import score
from wardstream.scoring.state import PatientState

MINUTE_S = 60


def _charged(second: float, percent: float) -> Reading:
    return reading(second, heart_rate_bpm=70, battery_pct=percent)


def test_a_low_battery_is_raised_once_and_clears_when_charged() -> None:
    raised, cleared = alarms([_charged(n, pct) for n, pct in enumerate([11, 10, 9, 12, 19, 20, 90])])

    assert (raised.kind, raised.vital, raised.priority, raised.state) == (
        "battery",
        "battery_pct",
        "low",
        "active",
    )
    assert (raised.at_us, raised.explanation.value, raised.explanation.limit) == (at_us(1), 10, 10)
    assert raised.explanation.sentence == "Battery at 10 %."
    assert (cleared.at_us, cleared.state, cleared.revision) == (at_us(5), "cleared", 2)


def test_two_devices_of_one_person_are_two_alarms() -> None:
    first, second = PatientState(), _charged(1, 5)
    other = Reading(
        reading_id="other-reading-------",
        device_id="another",
        user_id="ada",
        measured_at_us=at_us(2),
        received_at_us=at_us(2),
        battery_pct=5,
    )

    said = [step for each in (second, other) for step in score(first, each, DEFAULTS).alarms]

    assert [each.device_id for each in said] == ["ada-device", "another"]
    assert said[0].alarm_id != said[1].alarm_id


def _worn(second: float, worn: bool | None) -> Reading:
    return reading(second, on_body=worn, heart_rate_bpm=70)


def test_not_worn_for_ten_minutes_is_raised_and_clears_when_worn() -> None:
    minutes = [_worn(n * MINUTE_S, False) for n in range(12)]

    raised, cleared = alarms([*minutes, _worn(12 * MINUTE_S, None), _worn(13 * MINUTE_S, True)])

    assert (raised.kind, raised.at_us, raised.raised_at_us) == ("off_body", at_us(600), at_us(0))
    assert raised.explanation.sentence == "Not worn for 10 min."
    assert (cleared.state, cleared.at_us) == ("cleared", at_us(13 * MINUTE_S))


def test_taken_off_for_less_is_no_alarm_and_begins_anew() -> None:
    off = [_worn(n * MINUTE_S, False) for n in range(9)]
    off_again = [_worn((n + 11) * MINUTE_S, False) for n in range(9)]

    after, outcomes = run([*off, _worn(10 * MINUTE_S, True), *off_again, _worn(21 * MINUTE_S, True)])

    assert not any(outcome.alarms for outcome in outcomes)
    assert after.care is None


def test_in_a_window_of_the_whole_person_no_device_alarms_until_it_is_over() -> None:
    state = PatientState()
    done(state, window(0, 1000))

    battery, off_body = alarms(
        [reading(n * 100, battery_pct=5, on_body=False, heart_rate_bpm=70) for n in range(12)],
        state,
    )

    assert (battery.kind, battery.at_us) == ("battery", at_us(1000))
    assert (off_body.kind, off_body.at_us) == ("off_body", at_us(1000))


def test_a_repeated_reading_raises_no_device_alarm_again() -> None:
    low = _charged(0, 5)

    assert len(alarms([low, low, low])) == 1


def test_more_devices_than_a_person_can_have_do_not_make_a_state_grow() -> None:
    state = PatientState()
    for n in range(100):
        made = Reading(
            reading_id=f"reading-{n:012d}",
            device_id=f"device-{n}",
            user_id="ada",
            measured_at_us=at_us(n),
            received_at_us=at_us(n),
            battery_pct=5,
        )
        score(state, made, DEFAULTS)

    assert state.care is not None
    assert len(state.care.technical) == len(state.care.standing) == 24
