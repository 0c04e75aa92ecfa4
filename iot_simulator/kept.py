"""One SQLite file with every numbered message that no application acknowledgement covers yet, of all devices."""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

# `synchronous=NORMAL` in WAL mode: a killed process loses nothing that was committed; a machine without power may
# lose the last commits, and never the file.
_SHAPE = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=NORMAL;
CREATE TABLE IF NOT EXISTS kept (
  device_id TEXT NOT NULL, boot INTEGER NOT NULL, seq INTEGER NOT NULL,
  measured_at_us INTEGER NOT NULL, valid INTEGER NOT NULL, payload BLOB NOT NULL,
  PRIMARY KEY (device_id, boot, seq)
) WITHOUT ROWID;
"""


class Row(NamedTuple):
    """A kept message. `valid`: it must end up as a reading."""

    device_id: str
    boot: int
    sequence: int
    measured_at_us: int
    valid: bool
    payload: bytes


class Kept:
    """The open file. `sqlite3.Error` when it is none, or belongs to another process."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, timeout=1.0)
        self._file.executescript(_SHAPE)
        self._added: list[Row] = []
        self._removed: list[tuple[str, int, int]] = []

    def add(self, row: Row) -> None:
        """Keeps a message from the next `commit` on."""
        self._added.append(row)

    def remove(self, device_id: str, boot: int, through: int) -> None:
        """Lets go of a boot's messages up to a number, from the next `commit` on."""
        self._removed.append((device_id, boot, through))

    def commit(self) -> bool:
        """All since the last one in one transaction. False: the disk takes no more now; the next call tries all again."""
        if not (self._added or self._removed):
            return True
        try:
            with self._file:
                self._file.executemany(
                    "DELETE FROM kept WHERE device_id = ? AND boot = ? AND seq <= ?", self._removed
                )
                self._file.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?, ?, ?)", self._added)
                # What came and went since the last commit.
                self._file.executemany(
                    "DELETE FROM kept WHERE device_id = ? AND boot = ? AND seq <= ?", self._removed
                )
        except sqlite3.OperationalError:
            return False
        self._added.clear()
        self._removed.clear()
        return True

    def rows(self, devices: Iterable[str]) -> Iterator[Row]:
        """What is kept of these devices, each boot in the order of its numbers."""
        wanted = set(devices)
        for row in self._file.execute("SELECT * FROM kept ORDER BY device_id, boot, seq"):
            if row[0] in wanted:
                yield Row(row[0], row[1], row[2], row[3], bool(row[4]), row[5])

    def close(self) -> None:
        """Commits and closes."""
        self.commit()
        self._file.close()
