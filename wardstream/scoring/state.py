"""What the scorer remembers of one person: small, bounded, and the same bytes whenever it was built from the same readings."""

import msgspec

from wardstream.contracts.alarm import AlarmKind
from wardstream.contracts.anomaly import Direction
from wardstream.contracts.vitals import Vital
from wardstream.scoring.alarms import Watch
from wardstream.scoring.baseline import Baseline
from wardstream.scoring.order import Newest


class VitalState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One vital of one person. `watches` holds only what is going on, by `watch_name`."""

    newest: Newest | None = None
    baseline: Baseline | None = None
    watches: dict[str, Watch] = {}


class PatientState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """One person. `seen` marks the ids of the last readings; `moved` is the newest reading with steps."""

    seen: bytes = b""
    moved: Newest | None = None
    model_version: int = 0
    vitals: dict[Vital, VitalState] = {}


class UnreadableState(ValueError):  # noqa: N818 -- a sentence: "raise UnreadableState"
    """Bytes that this build can't read as a person's state: written by a newer one, or damaged."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(PatientState)


def watch_name(kind: AlarmKind, direction: Direction) -> str:
    """The name of a watch within its vital: one per kind and direction, so that a low never hides a high."""
    return f"{kind}:{direction}"


def to_bytes(state: PatientState) -> bytes:
    """The state as MessagePack, its version in `v`."""
    return _encoder.encode(state)


def from_bytes(data: bytes) -> PatientState:
    """The state in `data`; `UnreadableState` if it isn't one."""
    try:
        return _decoder.decode(data)
    except msgspec.DecodeError as error:
        raise UnreadableState("not a person's state of a version this build knows") from error
