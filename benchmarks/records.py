"""Records as the transport hands them over, for those who measure without Kafka."""

from typing import NamedTuple


class Record(NamedTuple):
    offset: int
    key: bytes
    value: bytes
    timestamp: int = 0
