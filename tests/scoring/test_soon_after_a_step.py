"""What a heart may do in the minutes after a step: it is fast and comes down. Going up again is another matter."""

from collections.abc import Sequence

import pytest

from tests.scoring.made import alarms, reading, run, said, with_model
from wardstream.contracts.reading import Reading
from wardstream.contracts.user_model import UserModel, Usual
from wardstream.scoring.state import PatientState

ATHLETE = UserModel(
    user_id="ada",
    version=3,
    fitted_at_us=1,
    usual={"heart_rate_bpm": Usual(mean=52, spread=5, readings=9000)},
)


def _walk(bpm: float = 95) -> list[Reading]:
    """Ten minutes of steps, a reading every ten seconds, until 600 s."""
    return [reading(n * 10, heart_rate_bpm=bpm, steps_per_min=100) for n in range(60)]


def _still(values: Sequence[float], start_s: float = 600) -> list[Reading]:
    return [
        reading(start_s + n * 10, heart_rate_bpm=value, steps_per_min=0) for n, value in enumerate(values)
    ]


def _walked(then: Sequence[float]) -> PatientState:
    return run(_walk() + _still(then), with_model(ATHLETE))[0]


def test_a_heart_that_came_down_after_a_walk_and_goes_up_without_a_step_is_told_of() -> None:
    (alarm,) = alarms(_walk() + _still([58] * 12 + [110] * 20), with_model(ATHLETE))

    assert (alarm.kind, alarm.direction, alarm.state) == ("personal", "high", "active")
    assert "far off for 2 min" in alarm.explanation.sentence


def test_a_heart_that_stays_as_fast_as_it_was_on_the_walk_is_no_alarm_until_it_had_time_to_come_down() -> (
    None
):
    twelve_minutes = 72

    assert alarms(_walk(110) + _still([110] * (twelve_minutes - 2)), with_model(ATHLETE)) == []
    (alarm,) = alarms(_walk(110) + _still([110] * (twelve_minutes + 20)), with_model(ATHLETE))
    assert alarm.kind == "personal"


def test_a_step_takes_back_that_the_heart_had_come_down() -> None:
    state = _walked([58] * 12)
    on_the_way = [reading(720, heart_rate_bpm=110, steps_per_min=40)]

    assert alarms(on_the_way + _still([110] * 30, 730), state) == []


@pytest.mark.parametrize("nonsense", [{"heart_rate_bpm": 0}, {"heart_rate_bpm": 58, "steps_per_min": 90}])
def test_neither_garbage_nor_a_heart_rate_of_somebody_walking_says_that_it_came_down(
    nonsense: dict[str, float],
) -> None:
    told = [*_walk(110), said(600, nonsense), *_still([110] * 30, 610)]

    assert alarms(told, with_model(ATHLETE)) == []


def test_a_late_value_says_nothing_of_how_far_the_heart_came_down() -> None:
    state = _walked([110] * 12)

    after, _ = run([reading(655, received_second=720, heart_rate_bpm=58, steps_per_min=0)], state)

    assert (state.lowest_bpm, after.lowest_bpm) == (110, 110)


def test_slow_is_nothing_to_tell_soon_after_a_step() -> None:
    fast = UserModel(
        user_id="ada",
        version=3,
        fitted_at_us=1,
        usual={"heart_rate_bpm": Usual(mean=95, spread=5, readings=9000)},
    )

    assert alarms(_walk(120) + _still([50] * 40), with_model(fast)) == []


def test_where_the_step_counter_went_silent_a_rise_is_no_alarm() -> None:
    state = _walked([58] * 6)
    # Another device of theirs; the counter's last word is six minutes old and more.
    rise = [reading(1020 + n * 10, heart_rate_bpm=58 if n < 6 else 115) for n in range(30)]

    assert alarms(rise, state) == []
