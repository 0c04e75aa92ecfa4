"""Episodes: planned in order, bending the vitals they name and no others."""

from itertools import islice, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_simulator.episode import KINDS, Planned, bend, plan, possible
from iot_simulator.timeline import Timeline

WELL = {"heart_rate_bpm": 70.0, "spo2_pct": 97.0, "temperature_c": 36.6, "respiratory_rate_bpm": 14.0}


@given(st.integers(), st.floats(0.01, 1000))
def test_episodes_come_in_order_and_never_two_at_once(seed: int, per_hour: float) -> None:
    planned = list(islice(plan(Random(seed), KINDS, per_hour, None), 20))

    assert all(one.start_us < one.end_us <= other.start_us for one, other in pairwise(planned))


def test_episodes_begin_as_often_as_was_asked_for() -> None:
    planned = list(islice(plan(Random(1), KINDS, 6.0, 1.0), 3000))

    well_s = (planned[-1].end_us / 1e6 - len(planned)) / len(planned)

    assert well_s == pytest.approx(600.0, rel=0.1)


def test_a_rate_of_zero_plans_nothing() -> None:
    assert list(plan(Random(1), KINDS, 0.0, None)) == []


def test_a_packet_device_shows_no_desaturation() -> None:
    assert "desaturation" not in possible("packet", KINDS)
    assert set(possible("native", KINDS)) == set(KINDS)


def test_a_fever_is_hot_in_its_middle_and_gone_at_its_end() -> None:
    fever = Planned("fever", 0, 100_000_000, 0.5)

    middle = bend(fever, WELL, 50_000_000)
    over = bend(fever, WELL, 100_000_000)

    assert middle["temperature_c"] > 38.5
    assert middle["heart_rate_bpm"] > 85
    assert middle["spo2_pct"] == WELL["spo2_pct"]
    assert over == WELL


def test_the_other_bodily_episodes_reach_what_their_names_say() -> None:
    def at_worst(kind: str) -> dict[str, float]:
        return bend(Planned(kind, 0, 100, 0.0), WELL | {"steps_per_min": 100.0}, 50)  # type: ignore[arg-type]  # one of KINDS

    assert at_worst("desaturation")["spo2_pct"] <= 88
    assert at_worst("tachycardia")["heart_rate_bpm"] >= 110
    assert at_worst("tachycardia")["steps_per_min"] == 0
    assert WELL["heart_rate_bpm"] < at_worst("drift")["heart_rate_bpm"] < 80


def test_a_timeline_knows_what_is_on_and_what_is_over() -> None:
    fever, late = Planned("fever", 10, 20, 0.0), Planned("late", 30, 40, 0.0)
    timeline = Timeline(iter((fever, late)))

    on = [timeline.at(at_us) for at_us in (0, 10, 19, 20, 35, 50)]

    assert on == [None, fever, fever, None, late, None]
    assert timeline.take_over() == [fever, late]
    assert timeline.take_over() == []


def test_a_timeline_without_episodes_is_always_well() -> None:
    assert Timeline(iter(())).at(1) is None
