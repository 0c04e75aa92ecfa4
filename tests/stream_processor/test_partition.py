from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processor.flood import Flooded
from stream_processor.partition import Partition
from stream_processor.people import People
from tests.scoring.made import reading, run
from wardstream.contracts import wire
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.alarm_action import Forget, LimitPair, SetLimits
from wardstream.contracts.rejected import Rejected
from wardstream.contracts.topics import ALARM_ACTIONS, READINGS, USER_MODELS
from wardstream.contracts.user_model import UserModel, Usual
from wardstream.scoring import rows
from wardstream.scoring.limits import DEFAULTS
from wardstream.scoring.state import PatientState


class Written(NamedTuple):
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int = 1_760_000_000_000


def _partition(kept: dict[bytes, bytes] | None = None, most_awake: int = 100) -> Partition:
    return Partition(People(kept or {}, most_awake, rows.encode), {}, DEFAULTS)


def _readings(count: int, user: str = "ada") -> list[Written]:
    said = [reading(n * 10, user=user, heart_rate_bpm=140) for n in range(count)]
    return [Written(n, user.encode(), wire.encode(each)) for n, each in enumerate(said)]


@given(st.lists(st.integers(0, 40), max_size=8))
def test_records_that_come_again_are_applied_once_however_the_batches_are_cut(cuts: list[int]) -> None:
    written = _readings(40)
    partition = _partition()

    end = 0
    for cut in [*cuts, 40]:
        start = max(0, min(end, cut) - 5)
        part = written[start : max(cut, end)]
        partition.take(READINGS.name, part, start, max(cut, end))
        end = max(cut, end)

    state, _ = run([wire.reading(each.value or b"") for each in written])
    assert partition.people.awake[b"ada"] == state
    assert partition.next_offsets == {READINGS.name: 40}


def test_a_snapshot_holds_rows_outputs_and_the_offsets_they_are_true_of() -> None:
    partition = _partition()
    partition.take(READINGS.name, _readings(10), 0, 12)

    taken = partition.snapshot()

    assert [key for key, _ in taken.rows] == [b"ada"]
    assert rows.decode(taken.rows[0][1] or b"") == partition.people.awake[b"ada"]
    assert sum(isinstance(output, Alarm) for output in taken.outputs) == 1
    assert taken.next_offsets == {READINGS.name: 12}
    assert not partition.is_changed


def test_what_holds_no_reading_is_set_aside_and_the_rest_goes_on() -> None:
    partition = _partition()
    written = [Written(0, b"ada", b"garbage"), Written(1, None, None), *_readings(3)]

    taken = partition.take(READINGS.name, written, 0, 5)

    assert taken.scored == 3
    assert [output.reason for output in partition.outputs if isinstance(output, Rejected)] == ["json", "json"]


def test_a_model_and_limits_are_part_of_the_same_state() -> None:
    partition = _partition()
    model = UserModel(
        user_id="ada",
        version=3,
        fitted_at_us=0,
        usual={"heart_rate_bpm": Usual(mean=52, spread=5, readings=9)},
    )
    own = SetLimits(user_id="ada", by="nurse", at_us=1, clinical={"heart_rate_bpm": LimitPair(high=150)})

    models = partition.take(USER_MODELS.name, [Written(0, b"ada", wire.encode(model))], 0, 1)
    again = partition.take(USER_MODELS.name, [Written(1, b"ada", wire.encode(model))], 1, 2)
    limits = partition.take(ALARM_ACTIONS.name, [Written(0, b"ada", wire.encode(own))], 0, 1)
    partition.take(READINGS.name, _readings(10), 0, 10)

    assert (models.models, again.models, limits.limits) == (1, 0, 1)
    assert not any(isinstance(output, Alarm) and output.kind == "clinical" for output in partition.outputs)
    ((_, row),) = partition.snapshot().rows
    assert row is not None
    assert (rows.decode(row).model_version, rows.decode(row).own_limits) == (3, own)


@pytest.mark.parametrize("is_written", [True, False])
def test_a_forgotten_person_leaves_a_tombstone_and_comes_back_as_somebody_new(is_written: bool) -> None:
    partition = _partition({b"eve": rows.encode(PatientState(readings=7))})
    partition.take(READINGS.name, _readings(3), 0, 3)
    if is_written:
        partition.snapshot()

    forgotten = partition.take(
        ALARM_ACTIONS.name,
        [
            Written(n, key, wire.encode(Forget(user_id=key.decode(), by="request", at_us=1)))
            for n, key in enumerate((b"ada", b"eve"))
        ],
        0,
        2,
    )
    gone = partition.snapshot()
    partition.take(READINGS.name, [each._replace(offset=each.offset + 3) for each in _readings(2)], 3, 5)
    ((key, row),) = partition.snapshot().rows

    assert forgotten.forgotten == 2
    assert sorted(gone.rows) == [(b"ada", None), (b"eve", None)]
    assert gone.next_offsets[ALARM_ACTIONS.name] == 2
    assert row is not None
    assert (key, rows.decode(row).readings) == (b"ada", 2)


def test_who_is_forgotten_and_heard_of_again_before_the_next_checkpoint_has_a_row() -> None:
    partition = _partition()
    partition.take(READINGS.name, _readings(5), 0, 5)
    partition.take(
        ALARM_ACTIONS.name, [Written(0, b"ada", wire.encode(Forget(user_id="ada", by="r", at_us=1)))], 0, 1
    )

    partition.take(READINGS.name, [each._replace(offset=each.offset + 5) for each in _readings(2)], 5, 7)
    ((_, row),) = partition.snapshot().rows

    assert row is not None
    assert rows.decode(row).readings == 2


def test_a_refused_model_changes_nothing_and_is_told() -> None:
    partition = _partition()
    strangers = UserModel(user_id="bob", version=3, fitted_at_us=0, usual={})

    taken = partition.take(
        USER_MODELS.name,
        [Written(0, b"ada", b"{}"), Written(1, b"ada", wire.encode(strangers)), Written(2, b"eve", None)],
        0,
        3,
    )

    assert (taken.models, taken.refused) == (0, ("format", "identity"))
    assert not partition.is_changed


def test_offsets_that_kafka_no_longer_had_are_counted() -> None:
    partition = _partition()
    written = _readings(10)

    first = partition.take(READINGS.name, written[:2], 0, 2)
    second = partition.take(READINGS.name, written[6:], 6, 10)

    assert (first.missing, second.missing) == (0, 4)


def test_nothing_but_garbage_ends_the_worker() -> None:
    partition = _partition()

    with pytest.raises(Flooded):
        partition.take(READINGS.name, [Written(n, b"ada", b"[") for n in range(1000)], 0, 1000)


def test_who_has_said_nothing_lately_rests_as_a_row_and_wakes_as_before() -> None:
    partition = _partition(most_awake=1)
    partition.take(READINGS.name, _readings(5, "ada"), 0, 5)
    partition.take(
        READINGS.name, [each._replace(offset=each.offset + 5) for each in _readings(3, "bob")], 5, 8
    )
    before = rows.encode(partition.people.awake[b"ada"])

    partition.people.rest()
    while_changed = len(partition.people.awake)
    partition.snapshot()
    partition.people.rest()

    assert (while_changed, list(partition.people.awake)) == (2, [b"bob"])
    assert rows.encode(partition.people.wake(b"ada")) == before
    assert len(partition.people) == 2


def test_a_damaged_row_is_not_guessed_at() -> None:
    partition = _partition({b"ada": b"\x02\xc1"})

    with pytest.raises(rows.UnreadableState):
        partition.take(READINGS.name, _readings(1), 0, 1)
