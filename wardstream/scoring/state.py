"""What the scorer remembers of one person: small, bounded, and the same whenever it was built from the same readings."""

import msgspec

from wardstream.contracts.alarm import AlarmKind
from wardstream.contracts.alarm_action import SetLimits
from wardstream.contracts.anomaly import Direction
from wardstream.contracts.vitals import Vital
from wardstream.scoring.alarms import Watch
from wardstream.scoring.baseline import Baseline
from wardstream.scoring.block import Block
from wardstream.scoring.care import Care
from wardstream.scoring.effort import Effort
from wardstream.scoring.evidence import Day, Sustained
from wardstream.scoring.habit import Habit
from wardstream.scoring.order import Newest

# Not frozen: the scorer changes a state in place, which takes half the time of making the next one
# (docs/decisions/0006-states-change-in-place.md). `gc=False`: nothing refers back to its holder, and a million people are
# no work for the garbage collector. `array_like`: half the bytes of a map; later versions may only add fields at the end.


# Nobody is known to report regularly before they have done so for a while.
RARELY_US = 3600 * 1_000_000


class VitalState(msgspec.Struct, array_like=True, gc=False):
    """One vital of one person. `watches` holds only what is going on, by `watch_name`.

    `baseline` is what single readings are held against: with a personal model, `habit` at the time of day of `block`; without, a
    running mean. Since version 3: `value` is the mean of the block before, `cleared_us` until when alarms are history, `sustained` evidence over minutes,
    `day` over days.
    """

    newest: Newest | None = None
    baseline: Baseline | None = None
    watches: dict[str, Watch] = {}
    habit: Habit | None = None
    block: Block | None = None
    sustained: Sustained | None = None
    day: Day | None = None
    value: float | None = None
    cleared_us: int = 0


class Trend(msgspec.Struct, array_like=True, gc=False):
    """What the days say of one person, all vitals together. `number` is the day since 1970 (local time), `steps` its signal of steps."""

    number: int
    is_raised: bool = False
    onset_id: str = ""
    onset_at_us: int = 0
    walked: float = 0.0
    steps: Day | None = None
    steps_level: float = 0.0
    steps_days: float = 0.0


class PatientState(msgspec.Struct, array_like=True, gc=False):
    """One person.

    `seen` and `seen_newest` mark the ids of the last readings, `newest_us` is the latest instant any of them was measured at, `readings`
    how many were scored. `moved` is the newest reading with steps. `own_limits` is what somebody set for this person.
    Since version 3: `heard_us` is when the last reading arrived, `gap_us` the mean time between the last eight arrivals that end
    at `counted_us` (all by the bridge's clock), `acted` marks the ids of the last actions, `care` is what is going on around
    them (None: nothing). `effort` is how much they moved lately, `trend` what the days say, `news2` a run of high aggregate scores,
    `offset_min` their clock's minutes ahead of UTC, `skews` by how many milliseconds each device's clock leads the bridge's, `lowest_bpm` the
    slowest heart rate since the newest step, as long as they don't count as at rest (None: none was said).
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
    effort: Effort | None = None
    trend: Trend | None = None
    news2: Watch | None = None
    offset_min: int = 0
    skews: dict[str, int] = {}
    lowest_bpm: float | None = None


def watch_name(kind: AlarmKind, direction: Direction) -> str:
    """The name of a watch within its vital: one per kind and direction, so that a low never hides a high."""
    return f"{kind}:{direction}"
