"""What the scorer remembers of one person: small, bounded, and the same whenever it was built from the same readings."""

import msgspec

from wardstream.contracts.alarm import AlarmKind
from wardstream.contracts.alarm_action import SetLimits
from wardstream.contracts.anomaly import Direction
from wardstream.contracts.vitals import Vital
from wardstream.scoring.alarms import Watch
from wardstream.scoring.baseline import Baseline
from wardstream.scoring.care import Care
from wardstream.scoring.order import Newest

# Not frozen: the scorer changes a state in place, which takes half the time of making the next one
# (docs/decisions/0006-states-change-in-place.md). `gc=False`: nothing refers back to its holder, and a million people are
# no work for the garbage collector. `array_like`: half the bytes of a map; later versions may only add fields at the end.


# Nobody is known to report regularly before they have done so for a while.
RARELY_US = 3600 * 1_000_000


class VitalState(msgspec.Struct, array_like=True, gc=False):
    """One vital of one person. `watches` holds only what is going on, by `watch_name`."""

    newest: Newest | None = None
    baseline: Baseline | None = None
    watches: dict[str, Watch] = {}


class PatientState(msgspec.Struct, array_like=True, gc=False):
    """One person.

    `seen` and `seen_newest` mark the ids of the last readings, `newest_us` is the latest instant any of them was measured at, `readings`
    how many were scored. `moved` is the newest reading with steps. `own_limits` is what somebody set for this person.
    Since version 3: `heard_us` is when the last reading arrived, `gap_us` the mean time between the last eight arrivals that end
    at `counted_us` (all by the bridge's clock), `acted` marks the ids of the last actions, `care` is what is going on around
    them (None: nothing).
    """

    seen: str = ""
    seen_newest: str = ""
    newest_us: int = 0
    readings: int = 0
    moved: Newest | None = None
    model_version: int = 0
    vitals: dict[Vital, VitalState] = {}
    own_limits: SetLimits | None = None
    heard_us: int = 0
    gap_us: int = RARELY_US
    counted_us: int = 0
    acted: str = ""
    care: Care | None = None


def watch_name(kind: AlarmKind, direction: Direction) -> str:
    """The name of a watch within its vital: one per kind and direction, so that a low never hides a high."""
    return f"{kind}:{direction}"
