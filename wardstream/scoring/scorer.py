"""The scorer: one person's state and one reading in, the next state and what the reading means out."""

import msgspec

from wardstream.contracts.alarm import Alarm
from wardstream.contracts.anomaly import Anomaly
from wardstream.contracts.reading import Reading
from wardstream.contracts.user_model import UserModel
from wardstream.contracts.vitals import VITALS, Vital
from wardstream.scoring.anomalies import flagged
from wardstream.scoring.artefact import scorable
from wardstream.scoring.baseline import from_model
from wardstream.scoring.context import is_at_rest, moved
from wardstream.scoring.explain import Sighting
from wardstream.scoring.limits import Limits
from wardstream.scoring.order import Newest, is_late
from wardstream.scoring.seen import remembered, was_seen
from wardstream.scoring.state import PatientState, VitalState
from wardstream.scoring.vital_scorer import score_vital

_NEW = VitalState()


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one reading means. `is_repeated`: it was scored before, changes nothing and says nothing."""

    anomalies: tuple[Anomaly, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    is_repeated: bool = False


def score(state: PatientState, reading: Reading, limits: Limits) -> tuple[PatientState, Outcome]:
    """Scores one reading of this person against `limits` (as `limits.for_person` gives them).

    The same readings in the same order give the same states, ids and explanations, on any machine at any time. A
    vital older than the newest of its kind is counted as an anomaly where it is one, and neither raises, reopens nor
    clears an alarm, nor teaches. Costs the same however many readings came before.
    """
    if was_seen(state.seen, reading.reading_id):
        return state, Outcome(is_repeated=True)
    last_moved = moved(state.moved, reading)
    vitals, alarms = _scored_vitals(state, reading, last_moved, limits)
    after = PatientState(
        seen=remembered(state.seen, reading.reading_id),
        moved=last_moved,
        model_version=state.model_version,
        vitals=vitals,
    )
    return after, Outcome(anomalies=flagged(reading, limits), alarms=tuple(alarms))


def _scored_vitals(
    state: PatientState, reading: Reading, last_moved: Newest | None, limits: Limits
) -> tuple[dict[Vital, VitalState], list[Alarm]]:
    vitals = dict(state.vitals)
    alarms: list[Alarm] = []
    is_resting = is_at_rest(last_moved, reading.measured_at_us)
    for vital, value in scorable(reading):
        known = vitals.get(vital, _NEW)
        if is_late(known.newest, reading):
            continue
        sight = Sighting(
            reading_id=reading.reading_id,
            measured_at_us=reading.measured_at_us,
            vital=vital,
            value=value,
            is_resting=is_resting,
            baseline=known.baseline,
            model_version=state.model_version,
        )
        vitals[vital], steps = score_vital(known, reading, sight, limits)
        alarms += steps
    return vitals, alarms


def take_model(state: PatientState, model: UserModel) -> PatientState:
    """The state with a personal model's baselines in place of its own, if the model is newer than the one in use."""
    if model.version <= state.model_version:
        return state
    vitals = dict(state.vitals)
    for vital in VITALS:
        usual = model.usual.get(vital)
        if usual is not None:
            vitals[vital] = msgspec.structs.replace(vitals.get(vital, _NEW), baseline=from_model(usual))
    return msgspec.structs.replace(state, model_version=model.version, vitals=vitals)


def forget_model(state: PatientState) -> PatientState:
    """The state without what a model taught: the baselines start anew from this person's own readings."""
    if state.model_version == 0:
        return state
    vitals = {vital: msgspec.structs.replace(known, baseline=None) for vital, known in state.vitals.items()}
    return msgspec.structs.replace(state, model_version=0, vitals=vitals)
