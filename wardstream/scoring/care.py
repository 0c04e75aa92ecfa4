"""What is going on around one person besides their values: alarms that stand, devices in trouble, snoozes and windows."""

import msgspec

from wardstream.contracts.alarm import AlarmKind, AlarmState, Explanation, Priority
from wardstream.contracts.anomaly import Direction
from wardstream.scoring.alarms import Watch


class Standing(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An alarm that is not cleared, as its last step said it. `said_at_us` is when, by the server's clock."""

    revision: int
    device_id: str
    kind: AlarmKind
    vital: str
    direction: Direction
    priority: Priority
    state: AlarmState
    raised_at_us: int
    said_at_us: int
    explanation: Explanation
    reminder: int = 0
    acknowledged_by: str | None = None
    acknowledged_at_us: int | None = None


class Snoozed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Until when one direction of a vital is snoozed; who said so, and when."""

    until_us: int
    by: str
    at_us: int


class Maintained(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A maintenance window; who opened it, and when."""

    from_us: int
    until_us: int
    includes_clinical: bool
    by: str
    at_us: int


class Care(msgspec.Struct, array_like=True, gc=False):
    """`standing` by alarm id, `technical` runs by `kind:device`, `snoozes` by `vital:direction`, `windows` by vital ("": all)."""

    standing: dict[str, Standing] = {}
    technical: dict[str, Watch] = {}
    snoozes: dict[str, Snoozed] = {}
    windows: dict[str, Maintained] = {}

    @property
    def is_empty(self) -> bool:
        """Whether a person without care would be treated the same."""
        return not (self.standing or self.technical or self.snoozes or self.windows)
