"""The log as files: one writer at a time, a line on the disk before its deed begins, and a head kept apart.

audit.log    the lines, only ever appended to
keys.json    keys of pseudonyms, mode 0600
head.json    how far the log goes; elsewhere by AUDIT_HEAD
"""

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from wardstream.audit import chain
from wardstream.audit.chain import Entry, Head, Said, Verdict, What
from wardstream.audit.pseudonyms import Keys, synced
from wardstream.runtime.failure import CannotRun

_TAIL_BYTES = 1 << 16


class AuditLog:
    """The log in `folder`. `CannotRun` when it can't be written: a deed that isn't recorded must not be done."""

    def __init__(self, folder: Path, head: Path | None = None) -> None:
        self._folder = folder
        self._file = folder / "audit.log"
        self._head = head or folder / "head.json"

    def record(
        self, what: What, by: str, people: Iterable[str] = (), *, request: str = "", detail: str = ""
    ) -> Head:
        """Appends a deed to the log; it is on the disk when this returns, and so is the head. `detail` names no person."""
        with self._mine():
            keys = Keys(self._folder / "keys.json")
            said = Said(
                what=what,
                by=by,
                at_us=time.time_ns() // 1000,
                subjects=tuple(map(keys.called, people)),
                request=request,
                detail=detail,
            )
            head = self._append(said)
            self._save_head(head)
        return head

    def forget(self, person: str) -> None:
        """Destroys what links a person to their lines, and not one line."""
        with self._mine():
            Keys(self._folder / "keys.json").destroy(person)

    def know(self, person: str) -> None:
        """Gives a person a pseudonym, if they have none."""
        with self._mine():
            Keys(self._folder / "keys.json").called(person)

    def people(self) -> tuple[str, ...]:
        """Whom the log can tell by name: all in it who weren't forgotten."""
        with self._mine():
            return Keys(self._folder / "keys.json").people

    def verify(self, kept: Head | None = None) -> Verdict:
        """Reads the whole log against its head, or against one noted elsewhere."""
        with self._mine():
            against = kept or self._kept()
            if not self._file.exists():
                return chain.verdict((), against)
            with self._file.open("rb") as lines:
                return chain.verdict(lines, against)

    def about(self, person: str | None = None) -> list[Entry]:
        """Every entry, or those about one person (none once they are forgotten); `CannotRun` at the first altered one."""
        with self._mine():
            wanted = Keys(self._folder / "keys.json").known(person) if person is not None else None
            if (person is not None and wanted is None) or not self._file.exists():
                return []
            try:
                with self._file.open("rb") as lines:
                    found = [chain.entry(text) for text in lines if text.endswith(b"\n")]
            except ValueError as error:
                raise CannotRun(f"the audit log is not whole ({error}): `wardstream audit verify`") from error
        return [each for each in found if wanted is None or wanted in each.subjects]

    def head(self) -> Head:
        """How far the log goes, to be noted elsewhere."""
        with self._mine():
            return self._end()

    def _append(self, said: Said) -> Head:
        text, head = chain.line(said, self._end())
        is_new = not self._file.exists()
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if os.write(descriptor, text) != len(text):
                raise OSError("the disk is full")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            synced(self._folder)
        return head

    def _end(self) -> Head:
        """The last whole line; what a crash left of another is cut off, since it was never confirmed."""
        if not self._file.exists():
            return Head()
        with self._file.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            tail = file.read()
            whole = tail.rfind(b"\n") + 1
            if whole < len(tail):
                file.truncate(size - len(tail) + whole)
            last = tail[:whole].rstrip(b"\n").rpartition(b"\n")[2]
        if not last:
            return Head()
        try:
            return Head(lines=chain.entry(last).number, hash=last[:64].decode())
        except ValueError as error:
            raise CannotRun(f"the audit log's last line is {error}: `wardstream audit verify`") from error

    def _kept(self) -> Head:
        try:
            return msgspec.json.decode(self._head.read_bytes(), type=Head)
        except FileNotFoundError:
            return Head()
        except msgspec.MsgspecError as error:
            raise CannotRun(f"{self._head} is no head of an audit log") from error

    def _save_head(self, head: Head) -> None:
        partial = self._head.with_name(f".{self._head.name}.partial")
        with partial.open("wb") as out:
            out.write(msgspec.json.encode(head))
            out.flush()
            os.fsync(out.fileno())
        partial.rename(self._head)

    @contextmanager
    def _mine(self) -> Iterator[None]:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (self._folder / ".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise CannotRun(
                f"the audit log in {self._folder} can't be written ({error.strerror or error}), and nothing is done "
                "unrecorded: check AUDIT_FOLDER and AUDIT_HEAD"
            ) from error
