"""What the simulator says it did: every message with its identity, and every planted episode.

Both files are JSON lines. An oracle compares them with what Kafka, DynamoDB and the lake hold; they are no part of
the pipeline.
"""

from typing import Literal

import msgspec

EpisodeKind = Literal[
    "fever",
    "desaturation",
    "tachycardia",
    "sensor_off",
    "drift",
    "dropout",
    "duplicates",
    "late",
    "out_of_order",
    "clock_skew",
    "garbage",
]


class Sent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message handed to MQTT. Times are microseconds since the epoch by the simulator machine's clock.

    `id` is the `reading_id` the message must end up as; of garbage (`valid` false) the SHA-256 (hex) of its bytes.
    A resent or duplicated message has the same `id` again. `acknowledged_at_us` is the broker's PUBACK,
    `carried_at_us` the application acknowledgement, which has a line of its own.
    """

    id: str
    device_id: str
    sent_at_us: int
    acknowledged_at_us: int | None = None
    carried_at_us: int | None = None
    valid: bool = True


class Episode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One planted episode of one device, `start_us` to `end_us` by true time."""

    device_id: str
    kind: EpisodeKind
    start_us: int
    end_us: int
    vital: str = ""
