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
    assert _changes(back_and_forth) == [(0, "raised")]


def test_one_good_value_after_hours_does_not_clear_an_alarm() -> None:
    assert _changes([DANGER, INSIDE], every_s=7200) == [(0, "raised")]


def test_a_raised_alarm_ends_when_there_is_nothing_to_watch_for_any_more() -> None:
    assert _changes([DANGER, None]) == [(0, "raised"), (1, "cleared")]
    assert _changes([OUTSIDE, None]) == []


@given(st.lists(st.sampled_from([OUTSIDE, BETWEEN, INSIDE, DANGER, None]), max_size=60))
def test_raised_and_cleared_always_alternate_and_begin_with_raised(findings: list[Finding | None]) -> None:
    changes = [change for _, change in _changes(findings)]

    assert changes[::2] == ["raised"] * len(changes[::2])
    assert changes[1::2] == ["cleared"] * len(changes[1::2])
