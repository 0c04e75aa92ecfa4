import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.scoring.made import run, said
from wardstream.contracts.alarm_action import LimitPair, SetLimits
from wardstream.scoring import scorer
from wardstream.scoring.limits import DEFAULTS, Limits, for_person

_OWN = SetLimits(
    user_id="ada",
    by="nurse",
    at_us=0,
    simple={"heart_rate_bpm": LimitPair(low=50, high=120)},
    clinical={"heart_rate_bpm": LimitPair(high=110), "temperature_c": LimitPair()},
)
_SAID = st.lists(
    st.tuples(
        st.sampled_from([1, 10, 10, 10, 60, 400, 0, -30]),
        st.fixed_dictionaries(
            {},
            optional={
                "heart_rate_bpm": st.floats(20, 200) | st.sampled_from([40.0, 60.0, 100.0, 131.0]),
                "spo2_pct": st.floats(70, 120),
                "temperature_c": st.floats(31, 42),
                "respiratory_rate_bpm": st.floats(2, 50),
                "diastolic_mmhg": st.floats(30, 120),
                "steps_per_min": st.sampled_from([0.0, 90.0]),
            },
        ),
    ),
    min_size=1,
    max_size=80,
)


# A probe that had slipped (36 and 37 °C after 33 °C): the way back to usual is none of its jumps.
@example(
    [
        (1, {"temperature_c": 33.0}),
        (1, {"temperature_c": 33.0}),
        (1, {"temperature_c": 36.0}),
        (1, {"temperature_c": 37.0}),
    ],
    DEFAULTS,
    True,
)
@given(_SAID, st.sampled_from([DEFAULTS, for_person(DEFAULTS, _OWN)]), st.booleans())
def test_the_quiet_path_finds_what_the_long_way_finds(
    steps: list[tuple[int, dict[str, float]]], limits: Limits, has_model: bool
) -> None:
    readings, second = [], 10_000
    for step_s, vitals in steps:
        second += step_s
        readings.append(said(second, vitals))

    short = run(readings, limits=limits, has_model=has_model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scorer, "passes_quietly", lambda *_: False)
        patch.setattr(scorer, "passes_without_model", lambda *_: False)
        long = run(readings, limits=limits, has_model=has_model)

    assert short[0] == long[0]
    assert short[1] == long[1]
