"""A person's state as bytes: a version byte, then MessagePack. Every version ever written stays readable.

During a rolling upgrade the new build writes the version the old build reads, until the last old worker is gone:
`encode` therefore writes more than one version. Version 3 has, behind the version byte, when the clock next has something to do
for this person (8 bytes, microseconds, big-endian; 0: never), so that a million rows needn't be decoded to know it.
"""

from collections.abc import Callable

import msgspec

from wardstream.scoring.habit import Habit, unpacked
from wardstream.scoring.state import PatientState
from wardstream.scoring.state_v1 import PatientStateV1, upgraded

NEWEST = 3


def _written(value: object) -> bytes:
    if isinstance(value, Habit):
        return value.packed()
    raise NotImplementedError(type(value).__name__)


def _read(kind: type, value: object) -> object:
    if kind is Habit and isinstance(value, bytes):
        return unpacked(value)
    raise NotImplementedError(kind.__name__)


_encoder = msgspec.msgpack.Encoder(enc_hook=_written)
_v1 = msgspec.msgpack.Decoder(PatientStateV1)
# Versions 2 and 3 have the same fields in the same order, those of 3 at the end: a build that knows only 2 passes over them.
_v2 = msgspec.msgpack.Decoder(PatientState, dec_hook=_read)
_BODY = 9

_DECODERS: dict[int, Callable[[bytes], PatientState]] = {
    1: lambda row: upgraded(_v1.decode(row[1:])),
    2: lambda row: _v2.decode(row[1:]),
    3: lambda row: _v2.decode(row[_BODY:]),
}
_ENCODERS: dict[int, Callable[[PatientState, int], bytes]] = {
    2: lambda state, _: b"\x02" + _encoder.encode(state),
    3: lambda state, due_us: b"\x03" + due_us.to_bytes(_BODY - 1, "big") + _encoder.encode(state),
}
# Those that this build writes; it reads older ones too.
VERSIONS = tuple(_ENCODERS)


class UnreadableState(ValueError):  # noqa: N818 -- a sentence: "raise UnreadableState"
    """Bytes that this build can't read as a person's state: written by a newer one, or damaged."""


def encode(state: PatientState, version: int = NEWEST, due_us: int = 0) -> bytes:
    """The state as a row of `version` (one of `VERSIONS`), looked at again by the clock at `due_us` (0: never)."""
    return _ENCODERS[version](state, due_us)


def decode(row: bytes) -> PatientState:
    """The state in `row`, upgraded if an older version wrote it; `UnreadableState` if it isn't one."""
    check(row)
    try:
        return _DECODERS[row[0]](row)
    except msgspec.DecodeError as error:
        raise UnreadableState(f"not a state of version {row[0]}: {error}") from error


def due_us(row: bytes) -> int:
    """When the clock has something to do for this person; 0: never, as far as the row tells."""
    return int.from_bytes(row[1:_BODY], "big") if row[0] == NEWEST else 0


def check(row: bytes) -> bytes:
    """The row itself, if its version is one this build reads; else `UnreadableState`. What is damaged shows in `decode`."""
    if not row or row[0] not in _DECODERS:
        raise UnreadableState(
            f"a row of version {row[0] if row else 'none'}; this build reads up to {NEWEST}"
        )
    return row
