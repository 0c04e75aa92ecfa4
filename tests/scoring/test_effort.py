from tests.scoring.made import at_us, reading
from wardstream.scoring.effort import Effort, level, moved_on


def _walked(minutes: int, steps: float = 105.0) -> Effort | None:
    known: Effort | None = None
    for minute in range(minutes):
        known = moved_on(known, reading(minute * 60, steps_per_min=steps))
    return known


def test_who_wears_no_step_counter_counts_as_at_rest() -> None:
    assert level(None, at_us(0)) == "rest"


def test_after_a_walk_it_takes_half_an_hour_to_be_at_rest() -> None:
    known = _walked(10)
    levels = []
    for minute in range(10, 45):
        known = moved_on(known, reading(minute * 60, steps_per_min=0))
        levels.append(level(known, at_us(minute * 60)))

    assert level(_walked(10), at_us(9 * 60)) == "heavy"
    assert levels[:2] == ["heavy", "heavy"]
    assert levels.index("light") < levels.index("rest")
    assert 20 < levels.index("rest") < 32


def test_a_few_steps_of_a_fidgeting_wrist_do_not_end_a_rest() -> None:
    known = moved_on(Effort(at_us(0), 0.0), reading(60, steps_per_min=4))

    assert level(known, at_us(60)) == "rest"


def test_a_step_counter_that_went_silent_leaves_the_effort_unknown() -> None:
    known = moved_on(None, reading(0, steps_per_min=0))

    assert level(known, at_us(240)) == "rest"
    assert level(known, at_us(600)) == "unknown"


def test_steps_said_every_quarter_of_a_minute_count_once() -> None:
    often: Effort | None = Effort(at_us(-60), 0.0)
    for quarter in range(40):
        often = moved_on(often, reading(quarter * 15, steps_per_min=100))
    rarely = _walked(10, 100)

    assert often is not None
    assert rarely is not None
    assert abs(often.steps - rarely.steps) < 0.15 * rarely.steps


def test_a_late_step_changes_nothing() -> None:
    known = Effort(at_us(600), 0.0)

    assert moved_on(known, reading(300, steps_per_min=100)) is known
