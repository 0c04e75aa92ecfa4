from collections.abc import Sequence

import pytest

from tests.scoring.acting import acknowledge, done
from tests.scoring.made import at_us, heart_rates, run
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.reading import Reading
from wardstream.scoring.actions import act
from wardstream.scoring.limits import DEFAULTS
from wardstream.scoring.scorer import score
from wardstream.scoring.state import PatientState


def _scored(state: PatientState, readings: Sequence[Reading]) -> list[Alarm]:
    return [step for each in readings for step in score(state, each, DEFAULTS).alarms]


def _raised(values: list[float]) -> tuple[PatientState, Alarm]:
    state = PatientState()
    (alarm,) = _scored(state, heart_rates(values))
    return state, alarm


def test_an_alarm_is_active_then_acknowledged_then_cleared_with_a_revision_for_each() -> None:
    state, raised = _raised([140] * 4)

    seen = done(state, acknowledge(raised.alarm_id, 40)).step
    (cleared,) = _scored(state, heart_rates([80] * 5, start_s=50))

    assert seen is not None
    assert [(each.state, each.revision) for each in (raised, seen, cleared)] == [
        ("active", 1),
        ("acknowledged", 2),
        ("cleared", 3),
    ]
    assert {each.alarm_id for each in (raised, seen, cleared)} == {raised.alarm_id}
    assert (seen.at_us, seen.acknowledged_by, seen.acknowledged_at_us) == (at_us(40), "nurse", at_us(40))
    assert seen.explanation == raised.explanation
    assert (cleared.acknowledged_by, cleared.acknowledged_at_us) == ("nurse", at_us(40))
    assert state.care is None


def test_an_alarm_that_nobody_acknowledged_clears_all_the_same() -> None:
    state, raised = _raised([140] * 4)

    (cleared,) = _scored(state, heart_rates([80] * 5, start_s=50))

    assert (raised.state, cleared.state, cleared.revision) == ("active", "cleared", 2)
    assert cleared.acknowledged_by is None


def test_acknowledging_twice_says_nothing_more() -> None:
    state, raised = _raised([140] * 4)
    done(state, acknowledge(raised.alarm_id, 40, number=1))

    again = act(state, acknowledge(raised.alarm_id, 41, number=2))

    assert (again.result, again.step) == ("unknown", None)


@pytest.mark.parametrize("alarm_id", ["", "no such alarm"])
def test_an_alarm_that_is_not_there_is_not_acknowledged(alarm_id: str) -> None:
    state, _ = _raised([140] * 4)

    acted = act(state, acknowledge(alarm_id, 40))

    assert (acted.result, acted.step) == ("unknown", None)


def test_an_acknowledgement_that_comes_after_the_alarm_has_cleared_is_too_late() -> None:
    state, raised = _raised([140] * 4)
    _scored(state, heart_rates([80] * 5, start_s=50))

    assert act(state, acknowledge(raised.alarm_id, 120)).result == "unknown"
    assert state.care is None


def test_danger_is_high_red_is_medium_and_the_priority_falls_when_danger_is_over() -> None:
    state, raised = _raised([190])

    (better,) = _scored(state, heart_rates([140] * 5, start_s=10))

    assert (raised.priority, better.priority) == ("high", "medium")
    assert (better.state, better.revision) == ("active", 2)
    assert "no danger value any more" in better.explanation.sentence


def test_an_acknowledged_alarm_stays_so_when_it_gets_better() -> None:
    state, raised = _raised([190])
    done(state, acknowledge(raised.alarm_id, 5))

    (better,) = _scored(state, heart_rates([140] * 5, start_s=10))

    assert (better.state, better.acknowledged_by) == ("acknowledged", "nurse")


def test_an_acknowledged_alarm_is_active_again_when_danger_comes() -> None:
    state, raised = _raised([140] * 4)
    done(state, acknowledge(raised.alarm_id, 35))

    (worse,) = _scored(state, heart_rates([190, 190], start_s=40))

    assert (raised.priority, worse.priority) == ("medium", "high")
    assert (worse.alarm_id, worse.revision, worse.state) == (raised.alarm_id, 3, "active")
    assert worse.acknowledged_by is None


def test_the_next_alarm_of_the_same_vital_is_another_one() -> None:
    state, first = _raised([140] * 4)
    _scored(state, heart_rates([80] * 5, start_s=50))

    (second,) = _scored(state, heart_rates([140] * 4, start_s=200))

    assert second.alarm_id != first.alarm_id
    assert second.revision == 1


def test_an_alarm_of_a_build_that_kept_no_standing_alarms_still_clears() -> None:
    state, _ = run(heart_rates([140] * 4))
    state.care = None

    (cleared,) = _scored(state, heart_rates([80] * 5, start_s=50))

    assert (cleared.state, cleared.revision) == ("cleared", 2)
