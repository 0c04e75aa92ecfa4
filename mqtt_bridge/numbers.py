"""Which number of which device a record of `readings` or `readings.rejected` carries."""

import re
from typing import NamedTuple

import msgspec

from wardstream.contracts import wire
from wardstream.contracts.malformed import Malformed

# Of bytes that are no JSON document. Digits that nothing ends may be the beginning of a longer number.
_BOOT = re.compile(rb'"boot"\s*:\s*([0-9]{1,19})\s*[,}]')
_SEQ = re.compile(rb'"seq"\s*:\s*([0-9]{1,19})\s*[,}]')
_LOOKED_AT_BYTES = 4096


class Number(NamedTuple):
    """One number that Kafka has, as a reading or as a refusal."""

    device_id: str
    boot: int
    sequence: int


# Of a reading only what is needed: a third of the time that decoding all of it takes.
class _Reading(msgspec.Struct):
    device_id: str
    boot: int | None = None
    sequence: int | None = None


class _Said(msgspec.Struct):
    boot: int
    seq: int


_reading = msgspec.json.Decoder(_Reading)
_said = msgspec.json.Decoder(_Said)


def of_reading(value: bytes) -> Number | None:
    """The number of a record of `readings`; None of a device that doesn't number, and of bytes that are no reading."""
    try:
        found = _reading.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if found.boot is None or found.sequence is None:
        return None
    return Number(found.device_id, found.boot, found.sequence)


def of_refusal(value: bytes) -> Number | None:
    """The number of a record of `readings.rejected`: what the refused bytes themselves say. None where they say none.

    The device is the one whose topic it came on, whatever the bytes say: nobody's faults acknowledge another's readings.
    """
    try:
        refused = wire.rejected(value)
    except Malformed:
        return None
    numbers = _numbers(refused.payload)
    return Number(refused.device_id, *numbers) if numbers else None


def _numbers(payload: bytes) -> tuple[int, int] | None:
    try:
        said = _said.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        beginning = payload[:_LOOKED_AT_BYTES]
        boot, seq = _BOOT.search(beginning), _SEQ.search(beginning)
        return (int(boot[1]), int(seq[1])) if boot and seq else None
    return said.boot, said.seq
