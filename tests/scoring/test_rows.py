"""Rows of every version ever written stay readable: `tests/golden/state_v*.msgpack` are never written anew."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from wardstream.scoring import rows

_VITALS = 6
_SUSTAINED, _SUSTAINED_FIELDS = 5, 7
_PERSON_FIELDS = 18
GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_row_of_any_version_says_what_it_said_when_it_was_written(version: int) -> None:
    row = (GOLDEN / f"state_v{version}.msgpack").read_bytes()

    state = rows.decode(row)

    assert row[0] == version
    assert (state.readings, state.model_version, sorted(state.vitals)) == (
        40,
        3,
        ["heart_rate_bpm", "spo2_pct", "temperature_c"],
    )
    heart = state.vitals["heart_rate_bpm"]
    assert heart.newest is not None
    assert heart.newest.at_us == 1_760_000_390_000_000
    assert sorted(heart.watches) == []
    assert state.own_limits is not None
    assert state.own_limits.simple["heart_rate_bpm"].high == 120
    assert state.moved is not None


def _golden(version: int) -> bytes:
    return (GOLDEN / f"state_v{version}.msgpack").read_bytes()


def test_versions_1_and_2_say_the_same() -> None:
    assert rows.decode(_golden(1)) == rows.decode(_golden(2))


def test_version_3_knows_besides_what_goes_on_around_a_person() -> None:
    state = rows.decode(_golden(3))

    assert (state.heard_us, state.gap_us, state.acted) == (1_760_000_390_050_000, 10_000_000, "action-001")
    assert state.counted_us == 1_760_000_320_050_000
    assert state.care is not None
    assert state.care.standing["alarm-1-------------"].acknowledged_by == "nurse-1"
    assert state.care.technical["battery:watch-3"].is_raised
    assert state.care.snoozes["heart_rate_bpm:high"].until_us == 1_760_000_990_000_000
    assert not state.care.windows[""].includes_clinical
    assert rows.due_us(_golden(3)) == 1_760_001_290_050_000
    assert _as_first_written(rows.encode(state, 3, rows.due_us(_golden(3)))) == _fields(_golden(3))


def _fields(row: bytes) -> list[Any]:
    fields: list[Any] = msgspec.msgpack.decode(row[9:])
    return fields


def _as_first_written(row: bytes) -> list[Any]:
    """The fields of a version 3 without those added since at the end of a person and of a vital's sustained evidence, as a build that doesn't
    know them reads it.
    """
    fields = _fields(row)[:_PERSON_FIELDS]
    for each in fields[_VITALS].values():
        if each[_SUSTAINED] is not None:
            each[_SUSTAINED] = each[_SUSTAINED][:_SUSTAINED_FIELDS]
    return fields


def test_a_build_that_knows_only_version_2_reads_what_this_one_writes_as_version_2() -> None:
    written = rows.encode(rows.decode(_golden(3)), 2)

    # As that build does: fields it doesn't know, at the end of an array, are passed over.
    fields = msgspec.msgpack.decode(written[1:])
    known = msgspec.msgpack.decode(_golden(2)[1:])
    fields[_VITALS] = {vital: each[:3] for vital, each in fields[_VITALS].items()}
    assert written[0] == 2
    assert fields[: len(known)] == known
    assert rows.due_us(written) == 0


@pytest.mark.parametrize("version", rows.VERSIONS)
def test_nothing_is_lost_in_either_version_that_is_written(version: int) -> None:
    state = rows.decode(_golden(3))

    assert rows.decode(rows.encode(state, version)) == state


def test_version_3_knows_besides_what_is_usual_and_what_speaks_against_it() -> None:
    state = rows.decode(_golden(3))

    heart = state.vitals["heart_rate_bpm"]
    assert heart.habit is not None
    assert heart.sustained is not None
    assert heart.day is not None
    assert heart.block is not None
    assert state.trend is not None
    assert state.effort is not None
    assert (heart.habit.taught, heart.block.rest_count, heart.sustained.tolerance, heart.day.total) == (
        5,
        10,
        1.2,
        0.75,
    )
    assert (state.trend.walked, state.effort.steps, state.offset_min, state.skews) == (
        820,
        4.5,
        120,
        {"watch-3": -90_000},
    )
