"""Lives made for tests of training: whole days of readings as arrays, and the hours they come to."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sagemaker_training.cells import Day, Floats, Hours
from sagemaker_training.verdict import Trial, Verdict, verdict
from wardstream.contracts.user_model import UserModel, Usual

MINUTES = 24 * 60
# (date's number, hour of the day of every minute, noise) to what was measured.
Life = Callable[[int, NDArray[np.float64], np.random.Generator], dict[str, NDArray[np.float64]]]


def lived(lives: Sequence[Life], days: int, seed: int = 1) -> list[Hours]:
    """The hours of people who say something once a minute, all day."""
    rng = np.random.default_rng(seed)
    at_us = np.arange(MINUTES, dtype=np.int64) * 60_000_000
    hours: list[Hours] = []
    effort: Floats | None = None
    for number in range(days):
        day = Day()
        for person, life in enumerate(lives):
            said = life(number, at_us / 3.6e9, rng)
            values: dict[str, Floats] = {name: each.astype(np.float32) for name, each in said.items()}
            day.take(np.full(MINUTES, person), at_us, values)
        date_hours, effort = day.closed(len(lives), effort)
        hours.append(date_hours)
    return hours


def resting(bpm: float, *, swing: float = 0.0, day_spread: float = 0.0, noise: float = 2.0) -> Life:
    """Somebody lying still, the heart slowest at four in the morning."""

    def life(
        _number: int, hour: NDArray[np.float64], rng: np.random.Generator
    ) -> dict[str, NDArray[np.float64]]:
        level = bpm + rng.normal(0, day_spread) if day_spread else bpm
        return {
            "heart_rate_bpm": level
            - swing * np.cos((hour - 4) / 24 * 2 * np.pi)
            + rng.normal(0, noise, len(hour))
        }

    return life


def model(user: str = "ada", version: int = 1, bpm: float = 60.0, days: float = 20.0) -> UserModel:
    usual = Usual(mean=bpm, spread=2.0, readings=1000, days=days)
    return UserModel(user_id=user, version=version, fitted_at_us=7, usual={"heart_rate_bpm": usual})


def trial(false_alarms: int = 0, found: int = 2, days: float = 20.0) -> Trial:
    return Trial(false_alarms=false_alarms, found=found, planted=3, days=days)


def better(current_version: int = 0) -> Verdict:
    return verdict(trial(), trial(false_alarms=1), current_version)


def no_better(current_version: int = 0) -> Verdict:
    return verdict(trial(), trial(), current_version)
