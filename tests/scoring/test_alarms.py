from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from wardstream.scoring.alarms import Finding, Watch, step
from wardstream.scoring.patience import Patience

S = 1_000_000
PATIENCE = Patience(readings=3, span_us=20 * S, margin=2, hold_us=30 * S)
OUTSIDE = Finding(is_outside=True, is_well_inside=False)
BETWEEN = Finding(is_outside=False, is_well_inside=False)
INSIDE = Finding(is_outside=False, is_well_inside=True)
DANGER = Finding(is_outside=True, is_well_inside=False, is_danger=True)


def _changes(findings: Sequence[Finding | None], every_s: int = 10) -> list[tuple[int, str]]:
    watch: Watch | None = None
    changes: list[tuple[int, str]] = []
    for n, finding in enumerate(findings):
        watch, change = step(watch, finding, f"r{n}", n * every_s * S, PATIENCE)
        if change:
            changes.append((n, change))
    return changes


def test_an_alarm_is_raised_after_enough_readings_over_enough_time() -> None:
    assert _changes([OUTSIDE] * 5) == [(2, "raised")]


def test_many_readings_in_a_moment_are_not_sustained() -> None:
    assert _changes([OUTSIDE] * 20, every_s=1) == []
    assert _changes([OUTSIDE] * 21, every_s=1) == [(20, "raised")]


def test_one_value_back_inside_starts_the_run_anew() -> None:
    assert _changes([OUTSIDE, OUTSIDE, BETWEEN, OUTSIDE, OUTSIDE]) == []


def test_a_second_look_minutes_later_confirms_the_first() -> None:
    assert _changes([OUTSIDE, OUTSIDE], every_s=300) == [(1, "raised")]


def test_danger_waits_for_nothing() -> None:
    assert _changes([DANGER]) == [(0, "raised")]


def test_an_alarm_clears_after_staying_well_inside() -> None:
    assert _changes([DANGER, INSIDE, INSIDE, INSIDE, INSIDE]) == [(0, "raised"), (4, "cleared")]


def test_a_value_between_limit_and_margin_neither_clears_nor_raises() -> None:
    back_and_forth = [DANGER, INSIDE, INSIDE, INSIDE, BETWEEN, INSIDE, INSIDE, INSIDE, BETWEEN]

    assert _changes(back_and_forth * 3)[0] == (0, "raised")
    assert {change for _, change in _changes(back_and_forth * 3)} <= {"raised", "better", "worse"}


def test_danger_that_is_over_makes_an_alarm_better_only_after_a_while_outside() -> None:
    assert _changes([DANGER, OUTSIDE, OUTSIDE, OUTSIDE, OUTSIDE]) == [(0, "raised"), (4, "better")]


def test_a_value_that_swings_around_the_danger_bound_stays_danger() -> None:
    assert _changes([DANGER, OUTSIDE, OUTSIDE] * 5) == [(0, "raised")]


def test_danger_makes_a_standing_alarm_worse_at_once() -> None:
    assert _changes([OUTSIDE, OUTSIDE, OUTSIDE, DANGER, DANGER]) == [(2, "raised"), (3, "worse")]


def test_what_is_held_back_is_raised_by_the_first_value_after_it() -> None:
    watch: Watch | None = None
    for n in range(5):
        watch, change = step(watch, OUTSIDE, f"r{n}", n * 10 * S, PATIENCE, hush="no_danger")
        assert change is None

    watch, change = step(watch, OUTSIDE, "r5", 50 * S, PATIENCE)

    assert change == "raised"
    assert watch is not None
    assert watch.onset_id == "r0"


def test_only_what_holds_everything_back_holds_danger_back() -> None:
    assert step(None, DANGER, "r", 0, PATIENCE, hush="no_danger")[1] == "raised"
    assert step(None, DANGER, "r", 0, PATIENCE, hush="everything")[1] is None


def test_one_good_value_after_hours_does_not_clear_an_alarm() -> None:
    assert _changes([DANGER, INSIDE], every_s=7200) == [(0, "raised")]


def test_a_raised_alarm_ends_when_there_is_nothing_to_watch_for_any_more() -> None:
    assert _changes([DANGER, None]) == [(0, "raised"), (1, "cleared")]
    assert _changes([OUTSIDE, None]) == []


@given(st.lists(st.sampled_from([OUTSIDE, BETWEEN, INSIDE, DANGER, None]), max_size=60))
def test_raised_and_cleared_always_alternate_and_begin_with_raised(findings: list[Finding | None]) -> None:
    changes = [change for _, change in _changes(findings) if change in ("raised", "cleared")]

    assert changes[::2] == ["raised"] * len(changes[::2])
    assert changes[1::2] == ["cleared"] * len(changes[1::2])
