"""A healthy person with a wearable: resting and active heart rate, sleep, steps, a daily rhythm, a battery."""

import math
from random import Random

_HOUR_US = 3_600_000_000
_SECOND_US = 1_000_000
# A run begins at nine in the morning of everybody's day, so that a seed repeats its values whatever the time is now.
_BEGINS_AT_HOUR = 9.0
_WAKES_AT_HOUR = 7.0
_SLEEPS_AT_HOUR = 23.0
# Heart rate follows effort within about a minute (Bunc et al. 1988: time constants of 30-60 s).
_FOLLOWS_WITHIN_S = 45.0
_BATTERY_HOURS = 96.0
_WALK_S = 600.0
_PAUSE_S = 2700.0


class Wearer:
    """One person and what their body does now. `measure` moves it on: the same seed and calls give the same values."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.resting_bpm = min(85.0, max(48.0, rng.gauss(64.0, 7.0)))
        self.effort_bpm = rng.uniform(25.0, 45.0)
        self.spo2_pct = min(98.5, max(95.5, rng.gauss(97.0, 0.6)))
        self.temperature_c = rng.gauss(36.6, 0.2)
        self.systolic_mmhg = min(138.0, max(100.0, rng.gauss(118.0, 8.0)))
        self.respiratory_rate_bpm = rng.uniform(12.0, 16.0)
        self.chronotype_h = rng.gauss(0.0, 0.8)
        self._battery_offset_h = rng.uniform(0.0, _BATTERY_HOURS * 0.8)
        self._pulse_bpm = self.resting_bpm
        self._walking = False
        self._last_us = 0

    def hour(self, since_start_us: int) -> float:
        """The hour of this person's day, 0 up to 24."""
        return (_BEGINS_AT_HOUR + self.chronotype_h + since_start_us / _HOUR_US) % 24.0

    def measure(self, _vitals: tuple[str, ...], since_start_us: int) -> dict[str, float]:
        """All vitals of a wearable, unrounded. Times must not go back."""
        hour = self.hour(since_start_us)
        asleep = not _WAKES_AT_HOUR <= hour < _SLEEPS_AT_HOUR
        elapsed_s = (since_start_us - self._last_us) / _SECOND_US
        self._last_us = since_start_us
        self._move(elapsed_s, asleep)
        rhythm = self._rhythm(hour)
        self._pulse_bpm += (self._target_bpm(asleep, rhythm) - self._pulse_bpm) * _reached(elapsed_s)
        return self._vitals(rhythm, since_start_us)

    def _move(self, elapsed_s: float, asleep: bool) -> None:
        mean_s = _WALK_S if self._walking else _PAUSE_S
        if self._rng.random() < 1.0 - math.exp(-elapsed_s / mean_s):
            self._walking = not self._walking
        self._walking = self._walking and not asleep

    @staticmethod
    def _rhythm(hour: float) -> float:
        # Lowest at four in the morning, highest at four in the afternoon (Refinetti & Menaker 1992).
        return -math.cos((hour - 4.0) / 24.0 * 2.0 * math.pi)

    def _target_bpm(self, asleep: bool, rhythm: float) -> float:
        effort = self.effort_bpm if self._walking else 0.0
        return self.resting_bpm + 3.0 * rhythm + effort - (5.0 if asleep else 0.0)

    def _vitals(self, rhythm: float, since_start_us: int) -> dict[str, float]:
        gauss = self._rng.gauss
        load = max(0.0, self._pulse_bpm - self.resting_bpm)
        systolic = self.systolic_mmhg + 4.0 * rhythm + 0.4 * load + gauss(0.0, 3.0)
        return {
            "heart_rate_bpm": self._pulse_bpm + gauss(0.0, 1.5),
            "spo2_pct": min(100.0, self.spo2_pct + gauss(0.0, 0.5)),
            "temperature_c": self.temperature_c + 0.3 * rhythm + gauss(0.0, 0.05),
            "systolic_mmhg": systolic,
            "diastolic_mmhg": systolic * 0.65 + gauss(0.0, 2.0),
            "respiratory_rate_bpm": self.respiratory_rate_bpm + 0.15 * load + gauss(0.0, 0.7),
            "steps_per_min": float(round(gauss(105.0, 8.0))) if self._walking else 0.0,
            "battery_pct": self._battery_pct(since_start_us),
            "on_body": 1.0,
        }

    def _battery_pct(self, since_start_us: int) -> float:
        worn_h = (self._battery_offset_h + since_start_us / _HOUR_US) % _BATTERY_HOURS
        return 100.0 - 95.0 * worn_h / _BATTERY_HOURS


def _reached(elapsed_s: float) -> float:
    return 1.0 - math.exp(-elapsed_s / _FOLLOWS_WITHIN_S)
