"""A reading: what one device said of one person at one instant."""

from typing import Annotated

import msgspec
from msgspec import Meta

from wardstream.contracts.vitals import (
    Battery,
    ComaScale,
    Diastolic,
    HeartRate,
    RespiratoryRate,
    SpO2,
    StepsPerMinute,
    Systolic,
    Temperature,
)

# What AWS IoT Core accepts as a thing name (and DynamoDB, S3 and Kafka as a key): no slash, no wildcard.
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9:_.\-]{1,128}\Z")]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Microseconds = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Reading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1, gc=False):
    """One message of a device, normalised. The value of topic `readings`, key `user_id`.

    Times are whole microseconds since the epoch, UTC: `measured_at_us` by the device's clock, `received_at_us` by the
    bridge's. Vitals are sparse: absent means not said. `artefacts` names the vitals whose value is kept but can't be
    true (SpO2 over 100 %): they are never scored. `reading_id` is `identity.reading_id`; Kafka may hold a
    reading twice (devices resend), so what counts is distinct ids. Decoding refuses what is out of `vitals.ACCEPTED`.
    """

    reading_id: str
    device_id: str
    user_id: str
    measured_at_us: Microseconds
    received_at_us: Microseconds
    boot: Count | None = None
    sequence: Count | None = None
    heart_rate_bpm: HeartRate | None = None
    spo2_pct: SpO2 | None = None
    temperature_c: Temperature | None = None
    systolic_mmhg: Systolic | None = None
    diastolic_mmhg: Diastolic | None = None
    respiratory_rate_bpm: RespiratoryRate | None = None
    steps_per_min: StepsPerMinute | None = None
    battery_pct: Battery | None = None
    on_body: bool | None = None
    gcs: ComaScale | None = None
    artefacts: tuple[str, ...] = ()
