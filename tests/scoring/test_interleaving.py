"""Readings, actions and ticks in any order: what must hold however they fall."""

from typing import NamedTuple

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.scoring.acting import TIMERS, acknowledge, snooze, window
from tests.scoring.made import at_us, said
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.alarm_action import Action
from wardstream.contracts.anomaly import Direction
from wardstream.contracts.reading import Reading
from wardstream.scoring.actions import act
from wardstream.scoring.limits import DEFAULTS
from wardstream.scoring.rows import VERSIONS, decode, encode
from wardstream.scoring.scorer import score
from wardstream.scoring.state import PatientState
from wardstream.scoring.timers import tick

_WAITS_S = st.sampled_from([1, 10, 10, 10, 40, 400, 1000, 4000])
_VITALS = {
    "heart_rate_bpm": st.sampled_from([25.0, 38.0, 70.0, 70.0, 140.0, 190.0]),
    "spo2_pct": st.sampled_from([70.0, 88.0, 97.0]),
    "battery_pct": st.sampled_from([5.0, 15.0, 60.0]),
}
_READING = st.tuples(
    st.just("reading"),
    st.fixed_dictionaries({}, optional=_VITALS),
    st.sampled_from([None, True, False]),
    st.sampled_from([0, 0, 0, 3600]),
)
_ACTION = st.tuples(
    st.just("action"),
    st.sampled_from(["acknowledge", "snooze_high", "snooze_low", "window", "clinical_window"]),
    st.integers(0, 3),
    st.sampled_from([-1, 60, 1000]),
)
_TICK = st.tuples(st.just("tick"))
_EVENTS = st.lists(st.tuples(_WAITS_S, st.one_of(_READING, _READING, _ACTION, _TICK)), max_size=60)


class Played(NamedTuple):
    """A person after events, what was said of them, and the actions that were done."""

    state: PatientState
    steps: list[Alarm]
    actions: list[Action]


def _play(
    events: list[tuple[int, tuple[object, ...]]],
    *,
    stops: frozenset[int] = frozenset(),
    version: int = VERSIONS[-1],
    doubled: bool = False,
) -> Played:
    """Plays events to one person. At `stops` they are stored and restored; `doubled`: every action comes twice."""
    played = Played(PatientState(), [], [])
    second = 0
    for number, (wait_s, event) in enumerate(events):
        second += wait_s
        if number in stops:
            played = played._replace(state=decode(encode(played.state, version)))
        if event[0] == "reading":
            played.steps.extend(score(played.state, _reading(second, event), DEFAULTS).alarms)
        elif event[0] == "tick":
            played.steps.extend(tick(played.state, "ada", at_us(second), TIMERS))
        else:
            action = _action(played, second, number, event)
            for _ in range(2 if doubled else 1):
                step = act(played.state, action).step
                played.steps.extend([step] if step is not None else [])
            played.actions.append(action)
    return played


def _reading(second: int, event: tuple[object, ...]) -> Reading:
    _, vitals, on_body, age_s = event
    assert isinstance(vitals, dict)
    assert isinstance(age_s, int)
    assert on_body is None or isinstance(on_body, bool)
    return said(second - age_s, vitals, received_second=second, on_body=on_body)


def _action(played: Played, second: int, number: int, event: tuple[object, ...]) -> Action:
    _, what, which, for_s = event
    assert isinstance(which, int)
    assert isinstance(for_s, int)
    if what == "acknowledge":
        known = [step.alarm_id for step in played.steps] or ["nothing"]
        return acknowledge(known[-1 - which % len(known)], second, number=number)
    if what == "window":
        return window(second, second + for_s, second=second, number=number)
    if what == "clinical_window":
        return window(second, second + for_s, second=second, number=number, clinical=True)
    direction: Direction = "high" if what == "snooze_high" else "low"
    return snooze("heart_rate_bpm", direction, second + for_s, second=second, number=number)


@given(_EVENTS, st.frozensets(st.integers(0, 60)), st.sampled_from(VERSIONS))
def test_restored_equals_never_stopped(
    events: list[tuple[int, tuple[object, ...]]], stops: frozenset[int], version: int
) -> None:
    never_stopped = _play(events)
    restored = _play(events, stops=stops, version=version)

    assert restored.steps == never_stopped.steps
    assert encode(restored.state) == encode(never_stopped.state)


@given(_EVENTS)
def test_an_action_that_comes_twice_is_as_one_that_comes_once(
    events: list[tuple[int, tuple[object, ...]]],
) -> None:
    once, twice = _play(events), _play(events, doubled=True)

    assert twice.steps == once.steps
    assert encode(twice.state) == encode(once.state)


@given(_EVENTS)
def test_revisions_of_an_alarm_count_from_one_without_gap_and_nothing_follows_its_end(
    events: list[tuple[int, tuple[object, ...]]],
) -> None:
    by_alarm: dict[str, list[Alarm]] = {}
    for step in _play(events).steps:
        by_alarm.setdefault(step.alarm_id, []).append(step)

    for steps in by_alarm.values():
        assert [each.revision for each in steps] == list(range(1, len(steps) + 1))
        assert all(each.state != "cleared" for each in steps[:-1])
        assert steps[0].state == "active"


@given(_EVENTS)
def test_an_acknowledged_alarm_sends_no_reminder_unless_it_became_worse(
    events: list[tuple[int, tuple[object, ...]]],
) -> None:
    latest: dict[str, Alarm] = {}
    for step in _play(events).steps:
        before = latest.get(step.alarm_id)
        if before is not None and before.state == "acknowledged":
            assert step.state != "active" or (step.priority == "high" and step.reminder == 0)
        assert step.reminder <= TIMERS.most_reminders
        latest[step.alarm_id] = step


def _raised(steps: list[Alarm], direction: str) -> list[tuple[str, int]]:
    return [
        (each.alarm_id, each.at_us)
        for each in steps
        if each.vital == "heart_rate_bpm" and each.direction == direction and each.kind == "clinical"
    ]


@given(_EVENTS)
def test_a_snooze_never_hides_the_other_direction_nor_danger(
    events: list[tuple[int, tuple[object, ...]]],
) -> None:
    events = [each for each in events if each[1][0] != "action"]
    snoozed: tuple[int, tuple[object, ...]] = (0, ("action", "snooze_high", 0, 80_000))

    free, quiet = _play(events), _play([snoozed, *events])

    assert _raised(quiet.steps, "low") == _raised(free.steps, "low")
    dangers = [each.at_us for each in free.steps if _is_danger(each)]
    said_so = {each.at_us for each in quiet.steps if each.priority == "high" and each.direction == "high"}
    assert set(dangers) <= said_so


def _is_danger(step: Alarm) -> bool:
    """A step made by a danger value itself: raised by it or worse by it."""
    return (
        step.direction == "high"
        and step.priority == "high"
        and step.state == "active"
        and step.reminder == 0
        and step.explanation.value >= 180
        and step.at_us == step.explanation.measured_at_us
    )


@given(_EVENTS)
def test_a_state_without_trouble_keeps_nothing_around(
    events: list[tuple[int, tuple[object, ...]]],
) -> None:
    state = _play(events).state

    assert state.care is None or not state.care.is_empty
    assert msgspec.structs.astuple(state) == msgspec.structs.astuple(decode(encode(state)))
