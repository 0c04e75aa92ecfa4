"""How a partition has quiet readings scored by somebody faster than itself."""

from typing import Protocol

from stream_processor.record import Record
from wardstream.scoring.limits import Limits
from wardstream.scoring.state import PatientState


class Quietly(Protocol):
    """Of a batch, scores what is quiet: faster, and with just the same results (`native`)."""

    def __call__(
        self,
        records: list[Record],
        start: int,
        awake: dict[bytes, PatientState],
        changed: dict[bytes, PatientState],
        limits: Limits,
        own: dict[bytes, Limits],
        has_model: bool,
        flagged: list[int],
        /,
    ) -> int:
        """Takes records from `start` on; the place of the first that must be scored here, which is untouched (or their number).

        Of those it took it adds to `flagged` the places of which `anomalies.flagged` has something to say.
        """
