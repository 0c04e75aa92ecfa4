import pytest

from tests.scoring.made import alarms, heart_rates, reading, run, said
from wardstream.contracts.vitals import VITALS
from wardstream.scoring.artefact import PLAUSIBLE
from wardstream.scoring.limits import DANGER


@pytest.mark.parametrize(
    ("vital", "value"),
    [
        ("heart_rate_bpm", 0.0),
        ("systolic_mmhg", 0.0),
        ("temperature_c", 20.0),
        ("spo2_pct", 5.0),
        ("respiratory_rate_bpm", 0.0),
        ("heart_rate_bpm", 340.0),
    ],
)
def test_what_only_an_instrument_says_alarms_nobody(vital: str, value: float) -> None:
    assert alarms([said(n * 10, {vital: value}) for n in range(100)]) == []


@pytest.mark.parametrize("vital", VITALS)
def test_every_danger_value_is_plausible(vital: str) -> None:
    bounds = DANGER.get(vital)  # type: ignore[call-overload]  # a vital's name
    low, high = PLAUSIBLE[vital]  # type: ignore[index]  # a vital's name
    for bound in (bounds.low, bounds.high) if bounds is not None else ():
        assert bound is None or low < bound.value < high


def test_a_probe_that_slips_is_no_cold_body() -> None:
    worn = [reading(n * 10, temperature_c=36.6) for n in range(6)]

    assert alarms([*worn, reading(60, temperature_c=31.0)]) == []


def test_a_sensor_that_repeats_itself_is_no_evidence_and_teaches_nothing() -> None:
    state, _ = run(heart_rates([95.0] * 720))

    known = state.vitals["heart_rate_bpm"]
    assert known.habit is not None
    assert known.habit.taught <= 6
    assert known.sustained is not None
    assert known.sustained.total < 3
