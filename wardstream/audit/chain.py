"""Lines that each vouch for the one before: what is written, and what a reader can tell was tampered with. Pure.

A line is `<SHA-256 of the entry, hex> <the entry as JSON>`; an entry holds the hash of the line before. Whoever removes,
alters or moves a line breaks the chain behind it. The end vouches for itself only: that lines are missing there shows by a
`Head` that is kept apart.
"""

import hashlib
from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

What = Literal[
    "queried",
    "exported",
    "erasure_begun",
    "erasure_done",
    "restored",
    "limits_set",
    "acknowledged",
    "snoozed",
    "window_opened",
    "authorities_made",
    "certificate_issued",
    "certificates_handed_out",
    "certificate_revoked",
]
_HASH_CHARACTERS = 64
# Before the first line.
BEGINNING = "0" * _HASH_CHARACTERS


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a log as it was once: so many lines, the last with this hash."""

    lines: int = 0
    hash: str = BEGINNING


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One deed. `by` is who did it, in their own name; `subjects` are pseudonyms of whom it was done to; `at_us` UTC."""

    what: What
    by: str
    at_us: int
    subjects: tuple[str, ...] = ()
    request: str = ""
    detail: str = ""


class Entry(Said, frozen=True, kw_only=True):
    """A deed in its place: line `number` (from 1), behind the line with the hash `previous`."""

    number: int
    previous: str


class Verdict(NamedTuple):
    """What reading found. `faults`: each a sentence with its line's number; none: the log is whole. `notes` are no faults."""

    head: Head
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def line(said: Said, behind: Head) -> tuple[bytes, Head]:
    """The line (with its newline) that goes behind `behind`, and the head it makes."""
    entry = Entry(
        number=behind.lines + 1,
        previous=behind.hash,
        **{name: getattr(said, name) for name in Said.__struct_fields__},
    )
    body = msgspec.json.encode(entry)
    hashed = hashlib.sha256(body).hexdigest()
    return hashed.encode() + b" " + body + b"\n", Head(lines=entry.number, hash=hashed)


def entry(text: bytes) -> Entry:
    """The entry in a line; ValueError when its hash isn't that of what it says, or it is none."""
    hashed, _, body = text.rstrip(b"\n").partition(b" ")
    if hashlib.sha256(body).hexdigest().encode() != hashed:
        raise ValueError("altered: its hash is not that of what it says")
    try:
        return msgspec.json.decode(body, type=Entry)
    except msgspec.MsgspecError as error:
        raise ValueError("no entry of this log") from error


def verdict(lines: Iterable[bytes], kept: Head) -> Verdict:
    """Reads all lines (with their newlines) against a head that was kept apart.

    A last line without its newline is what a crash left, never confirmed to anybody. A log one line ahead of its head is a
    crash between the two, or somebody writing just now.
    """
    faults: list[str] = []
    notes: list[str] = []
    at, at_kept = Head(), kept.lines == 0
    for text in lines:
        if not text.endswith(b"\n"):
            notes.append(
                f"line {at.lines + 1} was cut off by a crash while it was written; nothing was confirmed of it"
            )
            break
        at = _next(text, at, faults)
        if at.lines == kept.lines:
            at_kept = at.hash == kept.hash
            if not at_kept:
                faults.append(f"line {at.lines}: not the line that the head, kept apart, has")
    if at.lines < kept.lines:
        faults.append(f"the end is missing: {at.lines} lines, and the head, kept apart, has {kept.lines}")
    elif at.lines > kept.lines:
        notes.append(f"{at.lines - kept.lines} lines are newer than the head")
    return Verdict(at, tuple(faults), tuple(notes))


def _next(text: bytes, at: Head, faults: list[str]) -> Head:
    number = at.lines + 1
    hashed = text[:_HASH_CHARACTERS].decode(errors="replace")
    try:
        found = entry(text)
    except ValueError as error:
        faults.append(f"line {number}: {error}")
    else:
        if found.number != number or found.previous != at.hash:
            faults.append(
                f"line {number}: does not follow the line before it; one was removed, moved, added or altered"
            )
    return Head(lines=number, hash=hashed)
