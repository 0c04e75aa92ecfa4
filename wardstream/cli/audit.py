"""`wardstream audit verify | head | list`, and how the other commands say what they do."""

import getpass
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer

from wardstream.audit.chain import Head, What
from wardstream.audit.log import AuditLog
from wardstream.audit.settings import AuditSettings
from wardstream.local import folders
from wardstream.person import deeds
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.settings import load

_SHOWN_FAULTS = 10
# Whose rows a question asks for by name. What else it says stays out of the log: it may name people too.
_NAMED = re.compile(r"\b(?:user_id|device_id)\s*=\s*'((?:[^']|'')*)'", re.IGNORECASE)


def audit_log() -> AuditLog:
    """The log that the settings name."""
    settings = load(AuditSettings)
    return AuditLog(settings.audit_folder or folders.home() / "audit", settings.audit_head)


def record(
    what: What,
    people: Iterable[str] = (),
    *,
    by: str | None = None,
    request: str = "",
    detail: str = "",
) -> None:
    """Records a deed before it is done; `CannotRun`, and it must not be done, when that fails. `by`: else who is logged in."""
    audit_log().record(what, by or f"login:{_login()}", people, request=request, detail=detail)


def of_person(deed: deeds.Deed) -> None:
    """A deed with one person's data, for `wardstream.person`. When an erasure is done, what ties its lines to the person goes
    too.
    """
    log = audit_log()
    # The deed says whom it is about only to who knows them: those whom the log knows are tried.
    about = [each for each in log.people() if deeds.subject(each, deed.request) == deed.subject]
    record(deed.what, about, request=deed.request, detail=deed.detail)
    if deed.what == "erasure_done":
        for person in about:
            log.forget(person)
    deeds.logged(deed)


def about(user_id: str) -> deeds.Record:
    """`of_person` for somebody whom the log may not know yet."""

    def told(deed: deeds.Deed) -> None:
        audit_log().know(user_id)
        of_person(deed)

    return told


def named(sql: str) -> list[str]:
    """The people and devices that a question names."""
    return sorted({found.replace("''", "'") for found in _NAMED.findall(sql)})


def verify(
    *,
    head: Annotated[
        str | None, typer.Option(help="LINES:HASH as `audit head` once said it.", show_default="AUDIT_HEAD")
    ] = None,
) -> None:
    """Finds lines that were removed, altered, moved or added; exit code 1 then."""
    found = audit_log().verify(None if head is None else _head(head))
    for note in found.notes:
        typer.echo(f"note: {note}")
    for fault in found.faults[:_SHOWN_FAULTS]:
        typer.echo(fault, err=True)
    if found.faults:
        raise CannotRun(f"the audit log is not whole: {len(found.faults)} faults in {found.head.lines} lines")
    typer.echo(f"whole: {found.head.lines} lines, {found.head.lines}:{found.head.hash}")


def head() -> None:
    """Says how far the log goes, to be noted where those who can write the log can't."""
    now = audit_log().head()
    typer.echo(f"{now.lines}:{now.hash}")


def listed(
    *, user: Annotated[str | None, typer.Option(help="About this person or device only.")] = None
) -> None:
    """Lists deeds, the oldest first."""
    for one in audit_log().about(user):
        at = datetime.fromtimestamp(one.at_us / 1e6, UTC)
        words = (
            f"{at:%Y-%m-%dT%H:%M:%S}Z",
            one.by,
            one.what,
            ",".join(one.subjects),
            one.request,
            one.detail,
        )
        typer.echo("  ".join(word for word in words if word))


def _head(text: str) -> Head:
    lines, _, hashed = text.partition(":")
    if not lines.isdigit() or re.fullmatch(r"[0-9a-f]{64}", hashed) is None:
        raise CannotRun("--head is LINES:HASH, as `wardstream audit head` says it")
    return Head(lines=int(lines), hash=hashed)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user has no name.
        return "unknown"
