"""Version 1 of a person's state: the same fields by name. Kept so that its rows stay readable."""

import msgspec

from wardstream.contracts.alarm_action import SetLimits
from wardstream.contracts.vitals import Vital
from wardstream.scoring.alarms import Watch
from wardstream.scoring.baseline import Baseline
from wardstream.scoring.order import Newest
from wardstream.scoring.state import PatientState, VitalState


class VitalStateV1(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`VitalState` as version 1 wrote it."""

    newest: Newest | None = None
    baseline: Baseline | None = None
    watches: dict[str, Watch] = {}


class PatientStateV1(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`PatientState` as version 1 wrote it."""

    seen: str = ""
    seen_newest: str = ""
    newest_us: int = 0
    readings: int = 0
    moved: Newest | None = None
    model_version: int = 0
    vitals: dict[Vital, VitalStateV1] = {}
    own_limits: SetLimits | None = None


def upgraded(old: PatientStateV1) -> PatientState:
    """The state that version 1 meant."""
    vitals = {name: VitalState(v.newest, v.baseline, v.watches) for name, v in old.vitals.items()}
    return PatientState(
        old.seen,
        old.seen_newest,
        old.newest_us,
        old.readings,
        old.moved,
        old.model_version,
        vitals,
        old.own_limits,
    )
