"""What the clock alone brings about: somebody's silence, data that stay old, reminders of alarms nobody acknowledged.

A tick that says nothing changes nothing, and one that speaks says when (`at_us` of its steps): the ticks that matter are
in the alarms themselves.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from wardstream.contracts.alarm import Alarm, Explanation, Priority
from wardstream.scoring import words
from wardstream.scoring.alarms import Watch
from wardstream.scoring.care import Standing
from wardstream.scoring.equipment import minutes
from wardstream.scoring.hush import free_from_us, waits_from_us
from wardstream.scoring.lifecycle import reminded
from wardstream.scoring.order import Newest
from wardstream.scoring.seen import newest_mark
from wardstream.scoring.state import PatientState
from wardstream.scoring.technical import Subject, put_run, run_of, technical_step

_MINUTE_US = 60 * 1_000_000
NEVER = 0
# Somebody is missed who usually speaks at least three times in the time of silence that alarms.
_TIMES = 3
# Who was heard last so long before the clock first looked again has left, and nobody was watching.
_GONE_US = 24 * 60 * _MINUTE_US


class Timers(msgspec.Struct, frozen=True, kw_only=True):
    """How long the clock waits, microseconds; 0: that alarm, or reminder, is off."""

    silence_us: int = 15 * _MINUTE_US
    stale_us: int = 5 * _MINUTE_US
    remind_high_us: int = 5 * _MINUTE_US
    remind_medium_us: int = 15 * _MINUTE_US
    most_reminders: int = 3


class _Due(NamedTuple):
    """Something that is to happen at an instant; `name` is the run's or the alarm's."""

    at_us: int
    what: str
    name: str


def next_due_us(state: PatientState, timers: Timers) -> int:
    """When the clock next has something to do for this person if nothing is heard; `NEVER` (0) if it never has."""
    if state.care is None:
        return _silence_due_us(state, timers)
    return min((due.at_us for due in _all_due(state, timers)), default=NEVER)


def tick(state: PatientState, user_id: str, now_us: int, timers: Timers) -> list[Alarm]:
    """Everything that is due at `now_us`, done once. To be called only when all that arrived before `now_us` has been applied."""
    steps = []
    for due in [due for due in _all_due(state, timers) if due.at_us <= now_us]:
        if due.what == "silence":
            step = _fell_silent(state, user_id, now_us, timers)
        elif due.what == "stale":
            step = _stays_stale(state, user_id, due.name, now_us)
        else:
            step = reminded(state, due.name, user_id, now_us)
        if step is not None:
            steps.append(step)
    return steps


def _all_due(state: PatientState, timers: Timers) -> Iterator[_Due]:
    silence_us = _silence_due_us(state, timers)
    if silence_us:
        yield _Due(silence_us, "silence", "")
    care = state.care
    if care is None:
        return
    if timers.stale_us:
        for name, run in sorted(care.technical.items()):
            if name.startswith("stale:") and not run.is_raised:
                since_us = waits_from_us(care, run.onset_at_us, timers.stale_us)
                yield _Due(since_us + timers.stale_us, "stale", name)
    for alarm_id, standing in sorted(care.standing.items()):
        after_us = _reminder_after_us(standing, timers)
        if after_us:
            yield _Due(free_from_us(care, standing, standing.said_at_us + after_us), "reminder", alarm_id)


def _silence_due_us(state: PatientState, timers: Timers) -> int:
    """Nobody is missed who never spoke regularly, or is missed already."""
    if not timers.silence_us or not state.heard_us or state.gap_us * _TIMES > timers.silence_us:
        return NEVER
    care = state.care
    if care is None:
        return state.heard_us + timers.silence_us
    if "silence:" in care.technical:
        return NEVER
    return waits_from_us(care, state.heard_us, timers.silence_us) + timers.silence_us


def _reminder_after_us(standing: Standing, timers: Timers) -> int:
    if standing.state != "active" or standing.reminder >= timers.most_reminders:
        return NEVER
    waits: dict[Priority, int] = {
        "high": timers.remind_high_us,
        "medium": timers.remind_medium_us,
        "low": NEVER,
    }
    return waits[standing.priority]


def _fell_silent(state: PatientState, user_id: str, now_us: int, timers: Timers) -> Alarm | None:
    silent_us = now_us - state.heard_us
    if silent_us > _GONE_US:
        return None
    onset, last = newest_mark(state), _last(state)
    run = Watch(onset, state.heard_us, 1, is_raised=True)
    subject = Subject("silence", user_id, "")
    if run_of(state, subject.name) is not None or not put_run(state, subject.name, run):
        return None
    why = Explanation(
        reading_id=last.reading_id if last is not None and last.reading_id.startswith(onset) else onset,
        measured_at_us=last.at_us if last is not None else state.newest_us,
        value=minutes(silent_us),
        limit=minutes(timers.silence_us),
        sentence=f"Nothing has arrived for {words.duration(silent_us)}.",
    )
    return technical_step(state, subject, run, "raised", at_us=now_us, said_at_us=now_us, why=why)


def _last(state: PatientState) -> Newest | None:
    """The newest reading known of any vital."""
    known = [vital.newest for vital in state.vitals.values() if vital.newest is not None]
    return max(known, key=lambda each: each.at_us, default=None)


def _stays_stale(state: PatientState, user_id: str, name: str, now_us: int) -> Alarm | None:
    run = run_of(state, name)
    if run is None:
        return None
    raised = msgspec.structs.replace(run, is_raised=True)
    subject = Subject("stale", user_id, name.removeprefix("stale:"))
    put_run(state, name, raised)
    lasted_us = run.outside_for_us(now_us)
    why = Explanation(
        reading_id=run.onset_id,
        measured_at_us=state.newest_us,
        value=minutes(lasted_us),
        sentence=f"For {words.duration(lasted_us)} its data have been more than 10 min old on arrival.",
    )
    return technical_step(state, subject, raised, "raised", at_us=now_us, said_at_us=now_us, why=why)
