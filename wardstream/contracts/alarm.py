"""An alarm's lifecycle, and always its explanation."""

from typing import Literal

import msgspec

from wardstream.contracts.anomaly import Direction

AlarmState = Literal["active", "acknowledged", "cleared"]
# Aligned with IEC 60601-1-8's three priorities; no claim of compliance.
Priority = Literal["high", "medium", "low"]
AlarmKind = Literal["clinical", "personal", "silence", "stale", "battery", "off_body"]


class Explanation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why an alarm fired, in values a person can check.

    `limit` (with its `source`) is set for a clinical alarm; `usual_low` and `usual_high` for a personal one. Of alarms about
    devices `value` is minutes (silence, stale, off_body) or percent (battery).
    `evidence` is how many spreads each vital lies from the person's usual, signed; `readings_used` is how many
    readings the personal model has seen. `sentence` says it all in plain words. `clock_lead_s` is by how
    much the device's clock leads the bridge's, if by more than a minute.
    """

    reading_id: str
    measured_at_us: int
    value: float
    sentence: str
    limit: float | None = None
    source: str | None = None
    usual_low: float | None = None
    usual_high: float | None = None
    evidence: dict[str, float] = {}
    readings_used: int = 0
    model_version: int = 0
    clock_lead_s: float = 0.0


class Alarm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """One step of an alarm's life. The value of topic `alarms`, key `user_id`.

    Steps of one `alarm_id` have `revision` 1, 2, ...: a store keeps the highest and ignores the rest, so order and
    repetition don't matter. `raised_at_us` is the onset reading's own time; `at_us` is when this step was made: the time of its
    reading, of the person's action, or of the clock's tick (silence, stale, reminders). `reminder` counts how often an
    alarm that nobody acknowledged was said again.
    """

    alarm_id: str
    revision: int
    user_id: str
    device_id: str
    kind: AlarmKind
    vital: str
    direction: Direction
    priority: Priority
    state: AlarmState
    raised_at_us: int
    at_us: int
    explanation: Explanation
    reminder: int = 0
    acknowledged_by: str | None = None
    acknowledged_at_us: int | None = None
