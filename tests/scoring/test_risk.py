from importlib.resources import files

import msgspec
import pytest

from tests.scoring.made import said
from wardstream.scoring.risk import Models, Stay, bent, features, risk

MODELS = msgspec.json.decode((files("wardstream.scoring") / "risk_weights.json").read_bytes(), type=Models)


def _stay(**vitals: float) -> Stay:
    stay = Stay()
    for n in range(10):
        stay.take(said(n * 600, vitals))
    return stay


def test_the_weights_say_where_they_come_from() -> None:
    assert "PhysioNet" in MODELS.provenance
    assert "AUROC" in MODELS.provenance
    assert set(MODELS.models) == {"basic", "full"}


def test_the_sicker_and_the_older_rank_higher() -> None:
    well = _stay(heart_rate_bpm=75, systolic_mmhg=125, temperature_c=37.0)
    ill = _stay(heart_rate_bpm=125, systolic_mmhg=82, temperature_c=35.2)

    assert risk(MODELS, well, 50) < risk(MODELS, ill, 50) < risk(MODELS, ill, 88)


def test_consciousness_is_known_where_it_was_said() -> None:
    awake, comatose = _stay(heart_rate_bpm=80, gcs=15), _stay(heart_rate_bpm=80, gcs=4)

    assert risk(MODELS, awake, 60) < risk(MODELS, comatose, 60)


def test_a_stay_of_which_nothing_is_known_has_a_risk() -> None:
    assert 0 < risk(MODELS, Stay(), None) < 1


def test_artefacts_are_no_features() -> None:
    assert "systolic_mmhg.mean" not in features(_stay(systolic_mmhg=0), None)


def test_a_knot_bends_where_it_lies() -> None:
    assert bent({"age": 70.0}, {"age": (60.0, 80.0), "x": (1.0,)}) == {
        "age": 70.0,
        "age.over0": pytest.approx(10.0),
        "age.over1": 0.0,
    }
