"""The clock of one partition: who is due, who rests, and what a restart changes (nothing)."""

from collections.abc import Iterable
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from stream_processor.ends import has_caught_up
from stream_processor.partition import Output, Partition
from stream_processor.people import People
from tests.scoring.acting import TIMERS, acknowledge
from tests.scoring.made import START_US, at_us, reading
from tests.stream_processor.test_partition import Written
from wardstream.contracts import wire
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.topics import ALARM_ACTIONS, READINGS
from wardstream.scoring import rows
from wardstream.scoring.limits import DEFAULTS
from wardstream.scoring.state import PatientState
from wardstream.scoring.timers import next_due_us

LAST_S = 390


def _encode(state: PatientState) -> bytes:
    return rows.encode(state, due_us=next_due_us(state, TIMERS))


def _partition(kept: dict[bytes, bytes] | None = None, most_awake: int = 100) -> Partition:
    return Partition(People(kept or {}, most_awake, _encode), {}, DEFAULTS, TIMERS)


def _tell(partition: Partition, user: str, count: int, start_s: float = 0, value: float = 70) -> None:
    position = partition.next_offsets.get(READINGS.name, 0)
    said = [
        Written(
            position + n,
            user.encode(),
            wire.encode(reading(start_s + n * 10, user=user, heart_rate_bpm=value)),
        )
        for n in range(count)
    ]
    partition.take(READINGS.name, said, position, position + count)


def _alarms(outputs: list[Output]) -> list[Alarm]:
    return [each for each in outputs if isinstance(each, Alarm)]


def _written(rows: Iterable[tuple[bytes, bytes | None]]) -> dict[bytes, bytes]:
    """The rows by key; none of these people is erased."""
    return {key: row for key, row in rows if row is not None}


def test_who_falls_silent_is_told_in_the_same_snapshot_as_their_state() -> None:
    partition = _partition()
    _tell(partition, "ada", 40)
    partition.snapshot()

    assert not partition.is_any_due(at_us(LAST_S + 899))
    assert partition.tick(at_us(LAST_S + 900)) == 1

    taken = partition.snapshot()
    (alarm,) = _alarms(taken.outputs)
    assert (alarm.kind, alarm.user_id) == ("silence", "ada")
    ((key, row),) = _written(taken.rows).items()
    assert key == b"ada"
    assert list(rows.decode(row).care.standing) == [alarm.alarm_id]  # type: ignore[union-attr]  # one stands


def test_who_goes_on_speaking_is_looked_at_once_for_each_time_of_silence() -> None:
    partition = _partition()
    _tell(partition, "ada", 40)
    partition.snapshot()
    _tell(partition, "ada", 80, start_s=400)
    partition.snapshot()

    assert partition.is_any_due(at_us(LAST_S + 900))
    assert partition.tick(at_us(LAST_S + 900)) == 0
    assert not partition.is_any_due(at_us(LAST_S + 901))
    assert partition.tick(at_us(1190 + 900)) == 1


def test_a_restart_finds_the_deadlines_in_the_rows_without_waking_anybody() -> None:
    partition = _partition()
    _tell(partition, "ada", 40)
    kept = _written(partition.snapshot().rows)

    again = _partition(kept)

    assert not again.is_any_due(at_us(LAST_S + 899))
    assert again.is_any_due(at_us(LAST_S + 900))
    assert again.people.awake == {}
    assert again.tick(at_us(LAST_S + 900)) == 1


def test_who_rests_and_is_not_due_yet_is_not_woken() -> None:
    partition = _partition(most_awake=1)
    _tell(partition, "ada", 40)
    partition.snapshot()
    _tell(partition, "ada", 80, start_s=400)
    _tell(partition, "bob", 40, start_s=400)
    partition.snapshot()
    partition.people.rest()

    partition.tick(at_us(LAST_S + 900))

    assert list(partition.people.awake) == [b"bob"]
    assert partition.tick(at_us(1190 + 900)) == 2


def test_who_is_woken_in_vain_goes_back_to_rest_though_no_checkpoint_comes() -> None:
    nobody_new = rows.encode(PatientState(readings=3), due_us=at_us(1))
    partition = _partition({f"user-{n}".encode(): nobody_new for n in range(50)}, most_awake=1)

    said = partition.tick(at_us(10**6))

    assert said == 0
    assert partition.people.awake == {}
    assert len(partition.people) == 50
    assert not partition.is_any_due(at_us(10**6))


def test_a_whole_ward_that_falls_silent_is_told_over_several_ticks_and_nobody_twice() -> None:
    rows_of = _partition()
    _tell(rows_of, "ada", 40)
    (row,) = _written(rows_of.snapshot().rows).values()
    ward = _partition({b"person-%d" % n: row for n in range(2500)})

    said = [ward.tick(at_us(LAST_S + 900 + n)) for n in range(4)]

    assert said == [1000, 1000, 500, 0]
    assert len({each.alarm_id for each in _alarms(ward.outputs)}) == 2500


def test_an_acknowledgement_among_readings_stops_the_reminders() -> None:
    partition = _partition()
    _tell(partition, "ada", 1, value=190)
    (alarm,) = _alarms(partition.outputs)
    seen = wire.encode(acknowledge(alarm.alarm_id, 10))

    taken = partition.take(ALARM_ACTIONS.name, [Written(0, b"ada", seen), Written(1, b"ada", seen)], 0, 2)
    partition.snapshot()

    assert taken.actions == (("acknowledge", "done"), ("acknowledge", "repeated"))
    assert partition.tick(at_us(3600)) == 0


def test_an_action_under_another_persons_key_is_refused() -> None:
    partition = _partition()

    taken = partition.take(ALARM_ACTIONS.name, [Written(0, b"bob", wire.encode(acknowledge("a", 0)))], 0, 1)

    assert (taken.refused, taken.actions) == (("identity",), ())
    assert not partition.is_changed


def test_rows_written_for_an_older_build_hold_no_deadline() -> None:
    partition = Partition(People({}, 100, partial(rows.encode, version=2)), {}, DEFAULTS, TIMERS)
    _tell(partition, "ada", 40)
    partition.snapshot()

    assert not partition.is_any_due(at_us(10**6))


def test_without_timers_nothing_is_ever_due() -> None:
    partition = Partition(People({}, 100, _encode), {}, DEFAULTS)
    _tell(partition, "ada", 40)
    partition.snapshot()

    assert not partition.is_any_due(at_us(10**6))
    assert partition.tick(at_us(10**6)) == 0


def test_caught_up_means_that_readings_and_actions_both_are() -> None:
    ends = {READINGS.name: 10, ALARM_ACTIONS.name: 3}

    assert has_caught_up({READINGS.name: 10, ALARM_ACTIONS.name: 3}, ends)
    assert has_caught_up({READINGS.name: 12, ALARM_ACTIONS.name: 3}, ends)
    assert not has_caught_up({READINGS.name: 9, ALARM_ACTIONS.name: 3}, ends)
    assert not has_caught_up({READINGS.name: 10}, ends)
    assert has_caught_up({READINGS.name: 10}, {READINGS.name: 10, ALARM_ACTIONS.name: 0})


_EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bob", "tick", "tick", "snapshot"]),
        st.sampled_from([3, 30, 300, 950]),
        st.sampled_from([70.0, 190.0]),
    ),
    max_size=25,
)


def _played(
    events: list[tuple[str, int, float]], stops: frozenset[int]
) -> tuple[list[Alarm], dict[str, bytes]]:
    """What is said, and the last rows; at `stops` the partition is stored, lost and restored, and at most one is awake after."""
    partition, second = _partition(), 0
    said: list[Alarm] = []
    kept: dict[bytes, bytes] = {}
    for number, (what, wait_s, value) in enumerate(events):
        second += wait_s
        if what == "tick":
            partition.tick(START_US + second * 1_000_000 + 123_456)
        elif what != "snapshot":
            _tell(partition, what, 25, start_s=second, value=value)
            second += 250
        taken = partition.snapshot()
        said += _alarms(taken.outputs)
        kept |= _written(taken.rows)
        if number in stops:
            partition = _partition(dict(kept), most_awake=1)
            partition.next_offsets = taken.next_offsets
    # Between people there is no order: those who are due at one tick are told in any.
    return sorted(said, key=lambda each: each.user_id), {key.decode(): row for key, row in kept.items()}


@given(_EVENTS, st.frozensets(st.integers(0, 25)))
def test_ticks_and_readings_through_any_restarts_say_what_they_say_without(
    events: list[tuple[str, int, float]], stops: frozenset[int]
) -> None:
    assert _played(events, stops) == _played(events, frozenset())
