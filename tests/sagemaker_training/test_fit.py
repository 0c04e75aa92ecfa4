"""Models fitted from hours: what they find, and what they must not learn."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sagemaker_training.fit import Fitted, fit
from sagemaker_training.trouble import intervals
from tests.sagemaker_training.made import Life, lived, resting
from wardstream.contracts.user_model import FLAT

_DAYS = 28


def _ill(well: Life, begins: int, ends: int, bpm: float, celsius: float = 0.0) -> Life:
    def life(
        number: int, hour: NDArray[np.float64], rng: np.random.Generator
    ) -> dict[str, NDArray[np.float64]]:
        said = well(number, hour, rng)
        is_ill = begins <= number < ends
        said["heart_rate_bpm"] = said["heart_rate_bpm"] + (bpm if is_ill else 0.0)
        if celsius:
            temperature = 36.6 + (celsius if is_ill else 0.0)
            said["temperature_c"] = temperature + rng.normal(0, 0.1, len(hour))
        return said

    return life


def _heart(fitted: Fitted, person: int = 0) -> float:
    return fitted.usual[person]["heart_rate_bpm"].mean


def test_level_shape_and_spread_are_found() -> None:
    hours = lived([resting(52, swing=6, noise=3), resting(88)], _DAYS)

    fitted = fit(hours, held_out=3)

    calm, fast = (usual["heart_rate_bpm"] for usual in fitted.usual)
    assert calm.mean == pytest.approx(52, abs=0.3)
    assert fast.mean == pytest.approx(88, abs=0.3)
    # -6 cos(t - 4 h) is -3 cos t - 5.2 sin t.
    assert calm.shape == pytest.approx((-3.0, -5.2, 0.0, 0.0), abs=0.3)
    # Five readings a cell: 3/√5, and never less than the instrument.
    assert calm.spread == pytest.approx(np.hypot(3 / np.sqrt(5), 1.5), rel=0.15)
    assert (calm.days, calm.readings) == (25, 25 * 1440)


def test_an_illness_is_not_learned_as_usual() -> None:
    well = resting(60, swing=4, day_spread=1.5)
    hours = lived([well, _ill(well, 15, 22, bpm=14, celsius=1.2), _ill(well, 18, 28, bpm=10)], _DAYS)

    fitted = fit(hours, held_out=3)
    learned_blindly = np.nanmean([each.mean[1, 0] for each in hours[:25]])

    assert learned_blindly > 63
    assert _heart(fitted, 1) == pytest.approx(60, abs=1.0)
    assert _heart(fitted, 2) == pytest.approx(60, abs=1.0)
    assert fitted.usual[1]["temperature_c"].mean == pytest.approx(36.6, abs=0.05)
    ill = fitted.trouble[1].reshape(_DAYS, 24)
    assert ill[15:22].mean() > 0.95
    assert ill[:15].mean() < 0.05
    assert fitted.usual[1]["heart_rate_bpm"].days <= 19


def test_a_well_person_loses_next_to_nothing_to_caution() -> None:
    hours = lived([resting(60 + number, swing=4, day_spread=1.5) for number in range(20)], _DAYS)

    fitted = fit(hours, held_out=3)

    assert fitted.trouble.mean() < 0.02


def test_hours_in_which_a_clinical_alarm_stood_teach_nothing() -> None:
    hours = lived([_ill(resting(100), 10, 12, bpm=40)], 20)

    fitted = fit(hours, held_out=3)

    assert fitted.trouble[0].reshape(20, 24)[10:12].all()
    assert _heart(fitted) == pytest.approx(100, abs=0.5)


def test_more_trouble_than_usual_gives_no_model_at_all() -> None:
    # Heart rates beyond the clinical limit on 16 of the 25 days that are learned from.
    hours = lived([_ill(resting(100), 5, 21, bpm=45)], _DAYS)

    fitted = fit(hours, held_out=3)

    assert fitted.usual == [{}]


def test_held_out_days_teach_nothing() -> None:
    well = resting(60)
    hours = lived([well, _ill(well, 25, 28, bpm=6)], _DAYS)

    fitted = fit(hours, held_out=3)

    assert fitted.usual[1]["heart_rate_bpm"].days == 25
    assert _heart(fitted, 1) == pytest.approx(_heart(fitted, 0), abs=0.3)


def test_who_was_heard_for_an_afternoon_only_gets_no_model() -> None:
    def afternoon(
        number: int, hour: NDArray[np.float64], rng: np.random.Generator
    ) -> dict[str, NDArray[np.float64]]:
        said = resting(60)(number, hour, rng)["heart_rate_bpm"]
        return {"heart_rate_bpm": np.where((number == 3) & (hour > 13) & (hour < 18), said, np.nan)}

    fitted = fit(lived([afternoon], 10), held_out=3)

    assert fitted.usual == [{}]


def test_nights_alone_show_no_shape_of_a_day() -> None:
    def nights(
        number: int, hour: NDArray[np.float64], rng: np.random.Generator
    ) -> dict[str, NDArray[np.float64]]:
        said = resting(55)(number, hour, rng)["heart_rate_bpm"]
        return {"heart_rate_bpm": np.where(hour < 6, said, np.nan)}

    fitted = fit(lived([nights], _DAYS), held_out=3)

    assert fitted.usual[0]["heart_rate_bpm"].shape == pytest.approx(FLAT, abs=1.0)
    assert _heart(fitted) == pytest.approx(55, abs=1.0)


def test_the_same_hours_give_the_same_model_whoever_else_is_fitted() -> None:
    hours = lived([resting(60, day_spread=1), resting(70, day_spread=1), resting(80, day_spread=1)], 10)
    alone = [each._replace(**{name: getattr(each, name)[1:2] for name in each._fields}) for each in hours]

    assert fit(alone, held_out=2).usual[0] == fit(hours, held_out=2).usual[1]


def test_trouble_is_told_as_instants() -> None:
    row = np.array([True, False, True, True])

    assert intervals(row, 100, 10) == ((100, 110), (120, 140))


def test_steps_are_learned_by_the_day_and_as_a_logarithm() -> None:
    def walker(
        number: int, hour: NDArray[np.float64], rng: np.random.Generator
    ) -> dict[str, NDArray[np.float64]]:
        said = resting(60)(number, hour, rng)
        # An hour's walk a day at a hundred steps a minute.
        said["steps_per_min"] = np.where((hour >= 17) & (hour < 18), 100.0, 0.0)
        return said

    fitted = fit(lived([walker], 10), held_out=3)

    steps = fitted.usual[0]["steps_per_min"]
    assert steps.mean == pytest.approx(np.log1p(6000), abs=0.01)
    assert steps.days == 7
