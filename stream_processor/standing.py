"""What stands for a person until something newer comes: the personal model, the limits set for them. Pure."""

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from stream_processor.record import Record
from wardstream.contracts import wire
from wardstream.contracts.alarm_action import SetLimits
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.user_model import UserModel

S = TypeVar("S", UserModel, SetLimits)


class Kind(NamedTuple, Generic[S]):
    """A topic's kind of standing word: how to read it, and whether one supersedes another that came before it."""

    decode: Callable[[bytes], S]
    supersedes: Callable[[S, S], bool]


# The highest version wins, in whatever order they come.
MODELS = Kind(wire.user_model, lambda said, known: said.version > known.version)
# Two nurses' words come in the order of the topic unless a clock says the one that came later was said before.
OWN_LIMITS = Kind(wire.set_limits, lambda said, known: said.at_us >= known.at_us)


def is_new(record: Record, known: bytes | None, kind: Kind[S]) -> bool:
    """Whether `record` supersedes what is `known` (a tombstone always does); `Malformed` if it says nothing of this kind."""
    if record.value is None:
        return known is not None
    said = kind.decode(record.value)
    if record.key != said.user_id.encode():
        raise Malformed("identity", "the record's key is not its user_id")
    return known is None or kind.supersedes(said, kind.decode(known))
