"""A person's state as bytes: a version byte, then MessagePack. Every version ever written stays readable.

During a rolling upgrade the new build writes the version the old build reads, until the last old worker is gone:
`encode` therefore writes more than one version.
"""

from collections.abc import Callable

import msgspec

from wardstream.scoring.state import PatientState
from wardstream.scoring.state_v1 import PatientStateV1, downgraded, upgraded

NEWEST = 2

_encoder = msgspec.msgpack.Encoder()
_v1 = msgspec.msgpack.Decoder(PatientStateV1)
_v2 = msgspec.msgpack.Decoder(PatientState)

_DECODERS: dict[int, Callable[[bytes], PatientState]] = {
    1: lambda body: upgraded(_v1.decode(body)),
    2: _v2.decode,
}
_ENCODERS: dict[int, Callable[[PatientState], bytes]] = {
    1: lambda state: _encoder.encode(downgraded(state)),
    2: _encoder.encode,
}
VERSIONS = tuple(_ENCODERS)


class UnreadableState(ValueError):  # noqa: N818 -- a sentence: "raise UnreadableState"
    """Bytes that this build can't read as a person's state: written by a newer one, or damaged."""


def encode(state: PatientState, version: int = NEWEST) -> bytes:
    """The state as a row of `version` (one of `VERSIONS`)."""
    return bytes((version,)) + _ENCODERS[version](state)


def decode(row: bytes) -> PatientState:
    """The state in `row`, upgraded if an older version wrote it; `UnreadableState` if it isn't one."""
    check(row)
    try:
        return _DECODERS[row[0]](row[1:])
    except msgspec.DecodeError as error:
        raise UnreadableState(f"not a state of version {row[0]}: {error}") from error


def check(row: bytes) -> bytes:
    """The row itself, if its version is one this build reads; else `UnreadableState`. What is damaged shows in `decode`."""
    if not row or row[0] not in _DECODERS:
        raise UnreadableState(
            f"a row of version {row[0] if row else 'none'}; this build reads up to {NEWEST}"
        )
    return row
