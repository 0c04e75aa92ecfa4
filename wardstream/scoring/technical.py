"""Runs and steps of alarms that are about devices and their silence, not about a value."""

from wardstream.contracts.alarm import Alarm, AlarmKind, Explanation
from wardstream.contracts.identity import alarm_id
from wardstream.scoring.alarms import Change, Watch
from wardstream.scoring.care import Care
from wardstream.scoring.lifecycle import keep, priority, told
from wardstream.scoring.state import PatientState

# Of one person, a few for each device: somebody with more devices than this allows is a fault of the registry.
_MOST_RUNS = 24
# What these alarms are about, where others name a vital.
_ABOUT: dict[AlarmKind, str] = {
    "battery": "battery_pct",
    "off_body": "on_body",
    "stale": "measured_at",
    "silence": "received_at",
}


class Subject:
    """One run of one person: its name in their state, and what its alarms are about. `device_id` is "" for silence."""

    __slots__ = ("_id_part", "device_id", "kind", "name", "user_id", "vital")

    def __init__(self, kind: AlarmKind, user_id: str, device_id: str) -> None:
        self.kind = kind
        self.user_id = user_id
        self.device_id = device_id
        self.name = f"{kind}:{device_id}"
        self.vital = _ABOUT[kind]
        self._id_part = f"{self.vital}:{device_id}"

    def alarm_id(self, run: Watch) -> str:
        """As `identity.alarm_id`; two devices of one person are two alarms."""
        return alarm_id(self.user_id, self.kind, self._id_part, run.onset_id)


def run_of(state: PatientState, name: str) -> Watch | None:
    """The run of that name, if there is one."""
    return state.care.technical.get(name) if state.care is not None else None


def put_run(state: PatientState, name: str, run: Watch) -> bool:
    """Keeps the run; False, and nothing kept, if somebody has more of them than devices can have."""
    care = state.care if state.care is not None else Care()
    if name not in care.technical and len(care.technical) >= _MOST_RUNS:
        return False
    care.technical[name] = run
    keep(state, care)
    return True


def end_run(state: PatientState, name: str) -> None:
    """Forgets the run."""
    if state.care is not None:
        state.care.technical.pop(name, None)
        keep(state, state.care)


def technical_step(
    state: PatientState,
    subject: Subject,
    run: Watch,
    change: Change,
    *,
    at_us: int,
    said_at_us: int,
    why: Explanation,
) -> Alarm:
    """A step of the run's alarm, noted in `state`."""
    draft = Alarm(
        alarm_id=subject.alarm_id(run),
        revision=0,
        user_id=subject.user_id,
        device_id=subject.device_id,
        kind=subject.kind,
        vital=subject.vital,
        direction="low",
        priority=priority(subject.kind, is_danger=False),
        state="active",
        raised_at_us=run.onset_at_us,
        at_us=at_us,
        explanation=why,
    )
    return told(state, draft, change, said_at_us)
