"""What a device keeps, says again and lets go of; in memory and in the file."""

import sqlite3
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_simulator.custody import Custody
from iot_simulator.keeping import kept_in
from iot_simulator.kept import Kept, Row
from iot_simulator.said import Said
from tests.iot_simulator.making import SECOND_US, START_US, a_route
from wardstream.contracts.ack import Ack
from wardstream.runtime.failure import CannotRun


class Memory:
    """A file that forgets, and can be full."""

    def __init__(self) -> None:
        self.is_full = False

    def add(self, row: Row) -> None:
        """Nothing."""

    def remove(self, device_id: str, boot: int, through: int) -> None:
        """Nothing."""

    def commit(self) -> bool:
        return not self.is_full


def numbered(number: int, boot: int = 1) -> Said:
    return Said(a_route(), f"{number}".encode(), START_US, START_US, {}, boot, number)


def test_what_the_broker_has_taken_is_kept_until_the_application_acknowledgement() -> None:
    custody = Custody(100, Memory())
    for number in (1, 2, 3):
        custody.take(numbered(number))
        custody.passed(numbered(number), START_US)

    released = custody.carried(a_route().device_id, Ack(1, 2), START_US)

    assert [said.sequence for said in released] == [1, 2]
    assert custody.size == 1
    assert custody.carried(a_route().device_id, Ack(1, 1), START_US) == []
    assert custody.carried(a_route().device_id, Ack(2, 9), START_US) == []


def test_what_is_not_answered_is_said_again_later_and_later() -> None:
    custody = Custody(100, Memory())
    custody.take(numbered(1))
    custody.passed(numbered(1), START_US)

    at_s = []
    for second in range(100):
        for said in list(custody.overdue(START_US + second * SECOND_US)):
            at_s.append(second)
            custody.passed(said, START_US + second * SECOND_US)

    assert at_s == [10, 30, 70]


def test_nothing_is_said_again_while_the_oldest_has_not_left() -> None:
    custody = Custody(100, Memory())
    for number in (1, 2):
        custody.take(numbered(number))
    custody.passed(numbered(2), START_US)

    assert list(custody.overdue(START_US + 60 * SECOND_US)) == []


@given(st.integers(1, 20), st.integers(0, 40))
def test_it_is_full_at_its_bound_and_when_the_disk_is(capacity: int, taken: int) -> None:
    memory = Memory()
    custody = Custody(capacity, memory)
    for number in range(1, taken + 1):
        custody.take(numbered(number))
        custody.take(numbered(number))

    assert custody.size == taken
    assert custody.is_full == (taken >= capacity)
    memory.is_full = True
    custody.commit()
    assert custody.is_full


def test_a_later_run_finds_what_an_earlier_one_owed(tmp_path: Path) -> None:
    path, route = tmp_path / "kept.sqlite", a_route()
    earlier = Custody(100, Kept(path))
    garbage = msgspec.structs.replace(numbered(4), values=None)
    for said in (numbered(1), numbered(2), numbered(3), garbage):
        earlier.take(said)
    earlier.commit()
    earlier.carried(route.device_id, Ack(1, 2), START_US)
    earlier.commit()
    # Not closed: it was killed.

    with kept_in(path, 100, [route], START_US) as (later, left):
        assert left == [numbered(3), garbage]
        assert later.size == 2


def test_a_file_that_is_none_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite"
    path.write_bytes(b"no database at all, but long enough to be looked at as one" * 20)

    with pytest.raises(CannotRun, match=r"kept\.sqlite"), kept_in(path, 100, [a_route()], START_US):
        pass


def test_a_full_disk_keeps_what_it_could_not_write_for_the_next_time(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept.sqlite")
    kept._file.execute("PRAGMA max_page_count = 8")
    for number in range(1, 200):
        kept.add(Row("d", 1, number, 0, True, b"x" * 1000))

    assert not kept.commit()
    kept._file.execute("PRAGMA max_page_count = 100000")
    assert kept.commit()
    assert len(list(kept.rows(["d"]))) == 199
    assert isinstance(kept._file, sqlite3.Connection)
