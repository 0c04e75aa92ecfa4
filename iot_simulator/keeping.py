"""Custody over a file: opened with what an earlier run still owed, and told what the acker says."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from iot_simulator.custody import Custody
from iot_simulator.kept import Kept
from iot_simulator.said import Route, Said
from wardstream.contracts import wire
from wardstream.contracts.malformed import Malformed
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.logs import logger


@contextmanager
def kept_in(
    path: Path, capacity: int, routes: Sequence[Route], now_us: int
) -> Iterator[tuple[Custody, list[Said]]]:
    """The custody, and what an earlier run left to be said, oldest first. `CannotRun` when the file can't be used."""
    try:
        file = Kept(path)
        custody = Custody(capacity, file)
        left = list(_left(file, routes, now_us))
    except sqlite3.Error as error:
        raise CannotRun(f"{path}: not a file this can keep messages in ({error})") from error
    for said in left:
        custody.restore(said)
    try:
        yield custody, left
    finally:
        file.close()


def _left(file: Kept, routes: Sequence[Route], now_us: int) -> Iterator[Said]:
    by_device = {route.device_id: route for route in routes}
    for row in file.rows(by_device):
        values: dict[str, float] | None = {} if row.valid else None
        yield Said(
            by_device[row.device_id],
            row.payload,
            now_us,
            row.measured_at_us,
            # The id of a numbered message is made of its number, whatever it measured.
            values,
            row.boot,
            row.sequence,
        )


def hearing(
    custody: Custody, now_us: Callable[[], int], carried: Callable[[Said], None]
) -> Callable[[str, bytes], None]:
    """What to do with a message on `cmd/device/{id}/ack`. `carried` is called for each message it covers."""

    def heard(topic: str, payload: bytes) -> None:
        try:
            ack = wire.ack(payload)
        except Malformed as fault:
            logger().warning("ack_ignored", reason=fault.reason)
            return
        for said in custody.carried(topic.split("/")[-2], ack, now_us()):
            carried(said)

    return heard
