"""Reading the simulators' ledgers."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from wardstream.contracts.ledger import Sent
from wardstream.report.figures import Claim
from wardstream.runtime.failure import CannotRun

_decoder = msgspec.json.Decoder(Sent)


def claims(paths: Iterable[Path]) -> dict[str, Claim]:
    """Every id the ledgers claim. Of an id sent several times: the first sending, acknowledged if any was.

    A last line cut short (the simulator may still be writing) is left out: it was not claimed yet.
    """
    found: dict[str, Claim] = {}
    for path in paths:
        for line in _whole_lines(path):
            sent = _decoder.decode(line)
            found[sent.id] = _merged(found.get(sent.id), sent)
    return found


def _whole_lines(path: Path) -> Iterable[bytes]:
    try:
        with path.open("rb") as file:
            yield from (line for line in file if line.endswith(b"\n"))
    except FileNotFoundError as error:
        raise CannotRun(f"no ledger at {path}: run the simulator with --ledger {path}") from error


def _merged(known: Claim | None, sent: Sent) -> Claim:
    acknowledged = sent.acknowledged_at_us is not None
    if known is None:
        return Claim(sent_at_us=sent.sent_at_us, acknowledged=acknowledged, valid=sent.valid)
    return Claim(
        sent_at_us=min(known.sent_at_us, sent.sent_at_us),
        acknowledged=known.acknowledged or acknowledged,
        valid=sent.valid,
    )
