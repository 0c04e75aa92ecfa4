"""Rows of every version ever written stay readable: `tests/golden/state_v*.msgpack` are never written anew."""

from pathlib import Path

import pytest

from wardstream.scoring import rows

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize("version", rows.VERSIONS)
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


def test_the_versions_say_the_same_and_each_is_written_as_it_was() -> None:
    golden = {version: (GOLDEN / f"state_v{version}.msgpack").read_bytes() for version in rows.VERSIONS}

    states = [rows.decode(row) for row in golden.values()]

    assert all(state == states[0] for state in states)
    assert {version: rows.encode(states[0], version) for version in rows.VERSIONS} == golden
