"""How far a partition has come in each of its source topics; a row of the state topic beside the people's."""

import msgspec

from wardstream.scoring.rows import UnreadableState

# No user id holds a NUL.
KEY = b"\x00progress"

_VERSION = 1


class Progress(msgspec.Struct, frozen=True, array_like=True):
    """The next offset to be applied, by source topic. Written in one transaction with the rows it is true of."""

    version: int
    next_offsets: dict[str, int]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Progress)


def encode(next_offsets: dict[str, int]) -> bytes:
    """The progress row."""
    return _encoder.encode(Progress(_VERSION, next_offsets))


def decode(row: bytes) -> dict[str, int]:
    """The next offsets in a progress row; `UnreadableState` if it isn't one."""
    try:
        progress = _decoder.decode(row)
    except msgspec.DecodeError as error:
        raise UnreadableState(f"not a progress row: {error}") from error
    if progress.version != _VERSION:
        raise UnreadableState(f"a progress row of version {progress.version}; this build reads {_VERSION}")
    return progress.next_offsets
