"""One person as the tables keep them: bytes in, the scorer called, bytes out. Pure."""

from typing import NamedTuple

from wardstream.contracts import wire
from wardstream.contracts.reading import Reading
from wardstream.scoring import state as kept
from wardstream.scoring.limits import Limits, for_person
from wardstream.scoring.scorer import Outcome, forget_model, score, take_model
from wardstream.scoring.state import PatientState


class Person(NamedTuple):
    """What the three tables hold of one person: the scorer's state, the personal model, the limits set for them."""

    state: bytes | None
    model: bytes | None
    limits: bytes | None


def scored(person: Person, reading: Reading, limits: Limits) -> tuple[bytes | None, Outcome]:
    """The state to keep (None: unchanged) and what the reading means. `limits` are everybody's."""
    before = _with_model(kept.from_bytes(person.state) if person.state else PatientState(), person.model)
    own = wire.set_limits(person.limits) if person.limits else None
    after, outcome = score(before, reading, for_person(limits, own))
    return (None if outcome.is_repeated else kept.to_bytes(after)), outcome


def _with_model(state: PatientState, model: bytes | None) -> PatientState:
    return take_model(state, wire.user_model(model)) if model else forget_model(state)
