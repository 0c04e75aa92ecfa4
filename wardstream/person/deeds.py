"""What was done with a person's data, said to whoever keeps the record.

Exporting and erasing take a `Record` and tell it each deed when it happens; they don't know where it goes. The command line
gives one that writes a line to the log.
"""

import hashlib
import time
from collections.abc import Callable
from typing import Literal

import msgspec

from wardstream.runtime.logs import logger

What = Literal["exported", "erasure_begun", "erasure_done"]


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One deed. `subject` tells the person to those who know the id already, and to nobody else reads as one."""

    what: What
    subject: str
    request: str
    detail: str
    at_us: int

    @classmethod
    def of(cls, what: What, user_id: str, *, request: str = "", detail: str = "") -> "Deed":
        """The deed, done now."""
        return cls(
            what=what,
            subject=subject(user_id, request),
            request=request,
            detail=detail,
            at_us=time.time_ns() // 1000,
        )


Record = Callable[[Deed], object]


def subject(user_id: str, request: str) -> str:
    """SHA-256 (hex) of the request and the person's id: who knows both can check it, and two requests can't be joined by it."""
    return hashlib.sha256(f"{request}\x1f{user_id}".encode()).hexdigest()


def logged(deed: Deed) -> None:
    """A `Record`: one line in the log."""
    logger().info(
        f"person_{deed.what}",
        subject=deed.subject,
        request=deed.request,
        detail=deed.detail,
        at_us=deed.at_us,
    )
