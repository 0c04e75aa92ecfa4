"""A new version of the state's rows, rolled out worker by worker while readings flow."""

from pathlib import Path

import pytest

from tests.own_kafka import provisioned
from tests.stream_processor.flowing import Flow, flowing
from tests.stream_processor.people import new_person, ward
from tests.stream_processor.processing import Group, Worker, group
from tests.stream_processor.proof import (
    assert_nothing_lost_nothing_doubled,
    states,
    wait_until_applied,
)
from wardstream.local.addresses import Addresses

pytestmark = [pytest.mark.flow, pytest.mark.long]
USERS = 24
_PER_S = 400
# Every person has been heard a few times.
_A_WHILE = 10 * USERS
_OLD, _NEW = {"STATE_VERSION": "2"}, {"STATE_VERSION": "3"}


def _versions(servers: Addresses, workers: Group) -> set[int]:
    return {row.version for rows in states(servers, workers.name).values() for row in rows}


def _replaced(workers: Group, old: Worker, new: dict[str, str], flow: Flow, *, gently: bool) -> Worker:
    """Ends a worker and starts its successor, while readings flow."""
    if gently:
        assert old.stop() == 0, old.log
    else:
        old.kill()
    flow.wait_for_more(_A_WHILE)
    successor = workers.start(new)
    flow.wait_for_more(_A_WHILE)
    return successor


def test_a_new_version_of_the_rows_rolls_out_in_two_rounds_and_nothing_is_lost_or_doubled(
    tmp_path: Path,
) -> None:
    readings = ward([new_person() for _ in range(USERS)], rounds=3000, seed=8)

    with (
        provisioned(tmp_path / "servers") as kafka,
        group(kafka.addresses, tmp_path) as workers,
        flowing(kafka.addresses, readings, _PER_S) as flow,
    ):
        servers = kafka.addresses
        one, two = workers.start(_OLD), workers.start(_OLD)
        # First round: the build that knows both versions, told to write the old one.
        one = _replaced(workers, one, _OLD, flow, gently=True)
        two = _replaced(workers, two, _OLD, flow, gently=False)
        after_first = _versions(servers, workers)
        # Second round: the same build writes the new one, beside a worker that still writes the old.
        one = _replaced(workers, one, _NEW, flow, gently=False)
        between = _versions(servers, workers)
        two = _replaced(workers, two, _NEW, flow, gently=True)
        flow.stop()
        wait_until_applied(servers, workers.name)
        shared = [each.metric("wardstream_processor_scored_total") for each in (one, two)]
        codes = [one.stop(), two.stop()]

        assert_nothing_lost_nothing_doubled(servers, workers.name, flow.written)
        assert (after_first, between, _versions(servers, workers)) == ({2}, {2, 3}, {3})
        assert min(shared) > 0
        assert codes == [0, 0], one.log + two.log
