"""Where each thing the processor says goes. Pure."""

from typing import NamedTuple

from stream_processor.partition import Output
from wardstream.contracts import wire
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.rejected import Rejected
from wardstream.contracts.topics import ALARMS, ANOMALIES, REJECTED


class Letter(NamedTuple):
    """A record to be written."""

    topic: str
    key: str
    value: bytes


def letter(output: Output) -> Letter:
    """The record that says it."""
    if isinstance(output, Rejected):
        return Letter(REJECTED.name, output.device_id, wire.encode(output))
    topic = ALARMS if isinstance(output, Alarm) else ANOMALIES
    return Letter(topic.name, output.user_id, wire.encode(output))
