"""The truth, written beside: every message with the id it must end up as, and every planted episode."""

from hashlib import sha256
from io import BufferedWriter

import msgspec

from iot_simulator.episode import Planned
from iot_simulator.said import Said
from wardstream.contracts.identity import reading_id
from wardstream.contracts.ledger import Episode, Sent

_encoder = msgspec.json.Encoder()


def identity(said: Said) -> str:
    """The `reading_id` this message must end up as; of garbage the SHA-256 of its bytes."""
    if said.values is None:
        return sha256(said.payload).hexdigest()
    return reading_id(said.route.device_id, said.measured_at_us, said.boot, said.sequence, said.values)


def sent(said: Said, sent_at_us: int, acknowledged_at_us: int | None) -> Sent:
    """The ledger's line for a message."""
    return Sent(
        id=identity(said),
        device_id=said.route.device_id,
        sent_at_us=sent_at_us,
        acknowledged_at_us=acknowledged_at_us,
        valid=said.values is not None,
    )


def carried(said: Said, carried_at_us: int) -> Sent:
    """The ledger's line for a message that its device needn't keep any longer."""
    return msgspec.structs.replace(sent(said, said.send_at_us, None), carried_at_us=carried_at_us)


def episode(device_id: str, planned: Planned, start_us: int, until_us: int) -> Episode:
    """The truth file's line for an episode of a run that began at `start_us` and is over at `until_us`."""
    return Episode(
        device_id=device_id,
        kind=planned.kind,
        start_us=start_us + planned.start_us,
        end_us=min(start_us + planned.end_us, until_us),
        vital=planned.vital,
    )


class Lines:
    """A file of JSON lines. `flush` makes what was written so far readable."""

    def __init__(self, file: BufferedWriter) -> None:
        self._file = file
        self._pending = bytearray()

    def write(self, line: Sent | Episode) -> None:
        """Adds a line; it reaches the file at the next `flush`."""
        self._pending += _encoder.encode(line)
        self._pending += b"\n"

    def flush(self) -> None:
        """Everything written is in the file, whole lines only."""
        self._file.write(self._pending)
        self._file.flush()
        self._pending.clear()
