"""People for flow tests: their readings, and what the pure scorer makes of them."""

import random
from collections.abc import Sequence
from typing import NamedTuple
from uuid import uuid4

from tests.scoring.made import reading
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.reading import Reading
from wardstream.scoring.limits import DEFAULTS
from wardstream.scoring.scorer import score
from wardstream.scoring.state import PatientState


def new_person() -> str:
    return f"person-{uuid4().hex[:10]}"


class Expected(NamedTuple):
    """What must come out, whatever happens in between."""

    anomaly_ids: set[str]
    alarms: dict[tuple[str, int], Alarm]
    # How many readings of each person count; resent ones don't.
    counted: dict[str, int]


def expected(readings: Sequence[Reading]) -> Expected:
    """A pure recomputation, each person for themselves."""
    states: dict[str, PatientState] = {}
    anomaly_ids: set[str] = set()
    alarms: dict[tuple[str, int], Alarm] = {}
    for each in readings:
        outcome = score(states.setdefault(each.user_id, PatientState()), each, DEFAULTS)
        anomaly_ids |= {anomaly.anomaly_id for anomaly in outcome.anomalies}
        alarms |= {(alarm.alarm_id, alarm.revision): alarm for alarm in outcome.alarms}
    return Expected(anomaly_ids, alarms, {user: state.readings for user, state in states.items()})


def ward(users: Sequence[str], rounds: int, seed: int) -> list[Reading]:
    """Restless people: hearts that race and calm down, resent readings, readings that come late."""
    rng = random.Random(seed)
    said: list[Reading] = []
    for number in range(rounds):
        for place, user in enumerate(users):
            is_racing = (number // 12 + place) % 2 == 1
            pulse = float(rng.randint(133, 150) if is_racing else rng.randint(55, 115))
            late_s = 300 if rng.random() < 0.03 else 0
            said.append(reading(1000 + number * 10 - late_s, user=user, heart_rate_bpm=pulse))
            if rng.random() < 0.05:
                said.append(said[-1])
    return said
