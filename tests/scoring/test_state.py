import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scoring.made import reading, run
from tests.scoring.made import said as reading_of
from wardstream.contracts.reading import Reading
from wardstream.contracts.user_model import UserModel, Usual
from wardstream.scoring.limits import DEFAULTS
from wardstream.scoring.rows import NEWEST, VERSIONS, UnreadableState, decode, encode
from wardstream.scoring.scorer import score, take_model
from wardstream.scoring.state import PatientState

_VALUES = {
    "heart_rate_bpm": st.sampled_from([25.0, 45.0, 70.0, 96.0, 135.0, 190.0]),
    "spo2_pct": st.sampled_from([70.0, 90.0, 93.0, 97.0, 104.0, 115.0]),
    "temperature_c": st.sampled_from([31.0, 34.9, 36.6, 39.0, 42.0]),
    "systolic_mmhg": st.sampled_from([85.0, 120.0, 225.0]),
    "steps_per_min": st.sampled_from([0.0, 90.0]),
}
_MODEL = UserModel(
    user_id="ada",
    version=1,
    fitted_at_us=0,
    usual={"heart_rate_bpm": Usual(mean=60, spread=5, readings=500)},
)


# Seconds since the reading before, how far the device's clock runs ahead, and what was said.
_SAID = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 10, 40, 400, -30, -3000]),
        st.sampled_from([0, 0, 0, 100_000]),
        st.fixed_dictionaries({}, optional=_VALUES),
    ),
    min_size=1,
    max_size=25,
)


def _made(said: list[tuple[int, int, dict[str, float]]]) -> list[Reading]:
    made, second = [], 100_000
    for step_s, ahead_s, vitals in said:
        second += step_s
        made.append(reading_of(second + ahead_s, vitals, received_second=second))
    return made


_READINGS = _SAID.map(_made)


@given(readings=_READINGS, stop=st.integers(0, 40), seeded=st.booleans(), version=st.sampled_from(VERSIONS))
def test_restored_from_bytes_equals_never_stopped(
    readings: list[Reading], stop: int, seeded: bool, version: int
) -> None:
    start = PatientState()
    if seeded:
        take_model(start, _MODEL)

    never_stopped, said = run(readings, start)
    state, before = run(readings[:stop], start)
    restored, after = run(readings[stop:], decode(encode(state, version)))

    assert before + after == said
    assert encode(restored) == encode(never_stopped)


@given(readings=_READINGS, data=st.data())
def test_reading_a_stretch_again_after_a_crash_raises_and_clears_nothing(
    readings: list[Reading], data: st.DataObject
) -> None:
    state, _ = run(readings)

    again_from = data.draw(st.integers(0, len(readings)))
    after, outcomes = run(readings[again_from:], state)

    assert all(outcome.is_repeated for outcome in outcomes)
    assert after == state


@given(readings=_READINGS, data=st.data())
def test_a_repeated_reading_changes_nothing(readings: list[Reading], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(readings) - 1))
    state, _ = run(readings[: at + 1])

    before = encode(state)
    outcome = score(state, readings[at], DEFAULTS)

    assert outcome.is_repeated
    assert encode(state) == before


def test_readings_that_come_again_after_the_ring_forgot_them_change_no_vital() -> None:
    readings = [reading(n, heart_rate_bpm=135 + n % 3) for n in range(300)]
    readings.insert(0, reading(0.5, spo2_pct=88))
    state, _ = run(readings)

    after, outcomes = run(readings[:100], state)

    assert after.vitals == state.vitals
    assert not any(outcome.alarms for outcome in outcomes)


def _all_vitals(seconds: range, **others: float) -> list[Reading]:
    usual = {"heart_rate_bpm": 70.0, "spo2_pct": 97.0, "temperature_c": 36.6, "systolic_mmhg": 120.0}
    more = {"diastolic_mmhg": 80.0, "respiratory_rate_bpm": 14.0, "steps_per_min": 0.0}
    return [reading_of(n, usual | more | {"heart_rate_bpm": 70.0 + n % 3} | others) for n in seconds]


def test_a_state_with_every_vital_takes_little_however_many_readings_came() -> None:
    state, _ = run(_all_vitals(range(0, 180_000, 60)))

    # Three vitals, as a bedside monitor has them, take 1.5 kB.
    assert len(encode(state)) <= 2300


def test_alarms_that_stand_add_their_explanations_and_no_more() -> None:
    ill = {"heart_rate_bpm": 135.0, "spo2_pct": 80.0, "temperature_c": 34.0, "systolic_mmhg": 85.0}
    some, _ = run(_all_vitals(range(1000), **ill))
    more, _ = run(_all_vitals(range(1000, 3000), **ill), some)

    assert len(encode(more)) < len(encode(some)) + 200
    assert len(encode(more)) < 5000


def test_bytes_of_an_unknown_version_are_refused() -> None:
    for row in (b"", b"\xc1", bytes((NEWEST + 1,)), b"\x02\xc1", b"\x01" + msgspec.msgpack.encode([1])):
        with pytest.raises(UnreadableState):
            decode(row)
