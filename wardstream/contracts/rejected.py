"""What was refused, why, and the bytes as they came."""

from hashlib import sha256

import msgspec

from wardstream.contracts.malformed import Malformed, Reason


class Rejected(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """The value of topic `readings.rejected`, keyed by the device level of the topic it came on.

    `payload` (base64 in JSON) is the original, whole up to `KEPT_BYTES`; of a longer one the beginning.
    `payload_bytes` and `payload_sha256` (hex) are always of the whole.
    """

    reason: Reason
    detail: str
    topic: str
    device_id: str
    received_at_us: int
    payload: bytes
    payload_bytes: int
    payload_sha256: str


# AWS IoT Core takes no larger publish; far above any reading, far below Kafka's message.max.bytes.
LARGEST_PAYLOAD_BYTES = 128 * 1024
KEPT_BYTES = 128 * 1024


def refused(fault: Malformed, *, topic: str, device_id: str, received_at_us: int, payload: bytes) -> Rejected:
    """What is set aside of `payload`; the same bytes at the same time give the same refusal."""
    return Rejected(
        reason=fault.reason,
        detail=fault.detail,
        topic=topic,
        device_id=device_id,
        received_at_us=received_at_us,
        payload=payload[:KEPT_BYTES],
        payload_bytes=len(payload),
        payload_sha256=sha256(payload).hexdigest(),
    )
