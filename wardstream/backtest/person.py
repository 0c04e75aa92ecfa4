"""One person's stored readings through the scorer, and the alarms that came of it. Pure."""

from collections.abc import Iterable

import msgspec

from wardstream.contracts.alarm import Alarm
from wardstream.contracts.reading import Reading
from wardstream.contracts.user_model import UserModel
from wardstream.scoring.limits import Limits
from wardstream.scoring.risk import Models, Stay, risk
from wardstream.scoring.scorer import score, take_model
from wardstream.scoring.state import PatientState


class Ask(msgspec.Struct, frozen=True):
    """What everybody is run with."""

    limits: Limits
    risks: Models | None = None
    has_model: bool = True


class Found(msgspec.Struct, frozen=True):
    """What one person's readings gave: every alarm step, the readings, those repeated, anomalies, and the risk if it was asked for."""

    user_id: str
    steps: list[Alarm]
    readings: int
    repeated: int
    anomalies: int
    risk: float | None


def run(
    user_id: str, readings: Iterable[Reading], ask: Ask, model: UserModel | None, age: float | None
) -> Found:
    """Scores a person's readings in order, from a state of nothing or their model."""
    state = PatientState()
    if model is not None:
        take_model(state, model)
    stay = Stay() if ask.risks is not None else None
    steps: list[Alarm] = []
    count = repeated = anomalies = 0
    for reading in readings:
        outcome = score(state, reading, ask.limits, ask.has_model)
        count += 1
        repeated += outcome.is_repeated
        anomalies += len(outcome.anomalies)
        steps += outcome.alarms
        if stay is not None and not outcome.is_repeated:
            stay.take(reading)
    return Found(
        user_id,
        steps,
        count,
        repeated,
        anomalies,
        risk(ask.risks, stay, age) if stay is not None and ask.risks is not None else None,
    )
