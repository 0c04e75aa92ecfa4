from hypothesis import given
from hypothesis import strategies as st

from tests.scoring.made import alarms, heart_rates, reading, run
from wardstream.scoring.lateness import ALLOWED_US

_STEADY = heart_rates([70] * 100)


def test_a_danger_value_that_comes_late_is_raised_at_its_own_time() -> None:
    late = reading(945, heart_rate_bpm=22, received_second=1000)

    (alarm,) = alarms([*_STEADY, late])

    assert (alarm.kind, alarm.state, alarm.direction) == ("clinical", "active", "low")
    assert alarm.at_us == late.measured_at_us


def test_what_is_older_than_the_allowed_lateness_raises_nothing() -> None:
    late = reading(990 - ALLOWED_US / 1e6 - 1, heart_rate_bpm=22, received_second=1000)

    assert alarms([*_STEADY, late]) == []


def test_a_late_danger_value_does_not_raise_again_what_is_history() -> None:
    ended = heart_rates([22] + [70] * 8)

    said = alarms([*ended, reading(35, heart_rate_bpm=22, received_second=90)])

    assert [alarm.state for alarm in said] == ["active", "cleared"]


def test_a_late_value_teaches_a_little_and_is_no_evidence() -> None:
    state, _ = run(_STEADY)

    after, _ = run([reading(985, heart_rate_bpm=90, received_second=1000)], state)

    before_heart, heart = state.vitals["heart_rate_bpm"], after.vitals["heart_rate_bpm"]
    assert before_heart.habit is not None
    assert heart.habit is not None
    assert heart.habit.level > before_heart.habit.level
    assert (heart.sustained, heart.block, heart.day) == (
        before_heart.sustained,
        before_heart.block,
        before_heart.day,
    )


@given(
    values=st.lists(st.sampled_from([25.0, 38.0, 70.0, 135.0, 190.0]), min_size=2, max_size=60),
    late=st.floats(15, 300),
    ago_s=st.integers(1, 400),
)
def test_a_late_reading_never_clears_nor_reopens(values: list[float], late: float, ago_s: int) -> None:
    readings = heart_rates(values)
    state, outcomes = run(readings)
    before = {alarm.alarm_id for outcome in outcomes for alarm in outcome.alarms}
    second = (len(values) - 1) * 10 - ago_s + 0.5

    after, (outcome,) = run([reading(second, heart_rate_bpm=late, received_second=10_000)], state)

    assert all(alarm.state == "active" and alarm.alarm_id not in before for alarm in outcome.alarms)
    standing = {
        name: watch for name, watch in state.vitals["heart_rate_bpm"].watches.items() if watch.is_raised
    }
    assert standing.items() <= after.vitals["heart_rate_bpm"].watches.items()
