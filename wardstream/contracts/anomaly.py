"""An anomaly: a reading's value outside a simple limit. Kept and counted, never paged."""

from typing import Literal

import msgspec

from wardstream.contracts.vitals import Vital

Direction = Literal["low", "high"]
Rule = Literal[
    "simple_limit",  # outside the plain limits of the simple systems (heart rate 60-100 and so on)
    "sensor",  # a value that no body has (SpO2 over 110 %): the sensor's fault
]


class Anomaly(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """One flagged value. The value of topic `anomalies`, key `user_id`; one per (reading, vital, rule)."""

    anomaly_id: str
    reading_id: str
    device_id: str
    user_id: str
    measured_at_us: int
    received_at_us: int
    vital: Vital
    value: float
    direction: Direction
    rule: Rule
    limit: float
