"""Reading the simulators' ledgers."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from wardstream.contracts.ledger import Sent
from wardstream.report.figures import Claim
from wardstream.runtime.failure import CannotRun

_decoder = msgspec.json.Decoder(Sent)


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """What all ledgers together claim: one `Claim` per id, and the devices that spoke."""

    claims: dict[str, Claim]
    devices: set[str]

    @property
    def seconds(self) -> float:
        """From the first message to the last."""
        moments = [claim.sent_at_us for claim in self.claims.values()]
        return (max(moments) - min(moments)) / 1e6 if moments else 0.0


def read(paths: Iterable[Path]) -> Ledger:
    """Every id the ledgers claim. Of an id sent several times: the first sending, acknowledged if any was.

    A last line cut short (the simulator may still be writing) is left out: it was not claimed yet.
    """
    claims: dict[str, Claim] = {}
    devices: set[str] = set()
    for path in paths:
        for line in _whole_lines(path):
            sent = _decoder.decode(line)
            claims[sent.id] = _merged(claims.get(sent.id), sent)
            devices.add(sent.device_id)
    return Ledger(claims=claims, devices=devices)


def _whole_lines(path: Path) -> Iterable[bytes]:
    try:
        with path.open("rb") as file:
            yield from (line for line in file if line.endswith(b"\n"))
    except FileNotFoundError as error:
        raise CannotRun(f"no ledger at {path}: run the simulator with --ledger {path}") from error


def _merged(known: Claim | None, sent: Sent) -> Claim:
    acknowledged = sent.acknowledged_at_us is not None
    carried = sent.carried_at_us is not None
    if known is None:
        return Claim(sent_at_us=sent.sent_at_us, acknowledged=acknowledged, valid=sent.valid, carried=carried)
    return Claim(
        # When its acknowledgement came, the instant of sending is known already.
        sent_at_us=known.sent_at_us if carried else min(known.sent_at_us, sent.sent_at_us),
        acknowledged=known.acknowledged or acknowledged,
        valid=sent.valid,
        carried=known.carried or carried,
    )
