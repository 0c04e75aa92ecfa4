from tests.scoring.made import at_us, reading
from wardstream.scoring.context import is_at_rest, moved


def test_who_never_reports_steps_is_at_rest() -> None:
    last_moved = moved(None, reading(0, heart_rate_bpm=140))

    assert is_at_rest(last_moved, at_us(0))


def test_rest_begins_twelve_minutes_after_the_last_step() -> None:
    last_moved = moved(None, reading(0, steps_per_min=80))

    assert not is_at_rest(last_moved, at_us(12 * 60 - 1))
    assert is_at_rest(last_moved, at_us(12 * 60))


def test_standing_still_is_no_step() -> None:
    assert moved(None, reading(0, steps_per_min=0)) is None


def test_late_steps_do_not_move_the_last_step_back() -> None:
    last_moved = moved(None, reading(600, steps_per_min=80))

    assert moved(last_moved, reading(0, steps_per_min=80)) == last_moved


def test_steps_from_a_clock_that_ran_ahead_do_not_hide_a_racing_heart_for_days() -> None:
    ahead = moved(None, reading(86_400, received_second=0, steps_per_min=80))

    assert is_at_rest(ahead, at_us(60))
