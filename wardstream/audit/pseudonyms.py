"""What people are called in the log: a keyed hash under a key of their own, which an erasure destroys.

The log never changes. While a person's key is there, their lines can be found; once it is destroyed nobody can tell whose
they were, nor test a guess, for every key is 256 random bits. Held in one file of mode 0600, replaced whole.
"""

import hmac
import os
import secrets
from pathlib import Path

import msgspec

_KEY_BYTES = 32


class Keys:
    """The keys in `file`. Not for use by several at once: the log's lock is around it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._keys = msgspec.json.decode(file.read_bytes(), type=dict[str, bytes])
        except FileNotFoundError:
            self._keys = {}

    @property
    def people(self) -> tuple[str, ...]:
        """Who has a key."""
        return tuple(self._keys)

    def called(self, person: str) -> str:
        """The person's pseudonym; the key behind it is made, and on the disk, before this returns."""
        if person not in self._keys:
            self._keys[person] = secrets.token_bytes(_KEY_BYTES)
            self._save()
        return _pseudonym(self._keys[person], person)

    def known(self, person: str) -> str | None:
        """The pseudonym if there is a key."""
        return _pseudonym(self._keys[person], person) if person in self._keys else None

    def destroy(self, person: str) -> None:
        """Nobody can tell any more which lines are about this person."""
        if self._keys.pop(person, None) is not None:
            self._save()

    def _save(self) -> None:
        partial = self._file.with_name(f".{self._file.name}.partial")
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(msgspec.json.encode(self._keys))
            out.flush()
            os.fsync(out.fileno())
        partial.rename(self._file)
        synced(self._file.parent)


def _pseudonym(key: bytes, person: str) -> str:
    return hmac.digest(key, person.encode(), "sha256").hex()[:32]


def synced(folder: Path) -> None:
    """Makes a rename or a new file in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
