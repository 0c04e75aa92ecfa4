"""Logs: one JSON event a line, fields instead of sentences, and no vital sign, name or payload in any of them."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

Event = MutableMapping[str, Any]

# Field names that would carry what a log must not hold; a substring is enough to refuse.
_PRIVATE = (
    "heart_rate",
    "spo2",
    "temperature",
    "systolic",
    "diastolic",
    "respiratory",
    "payload",
    "value",
    "user_id",
    "patient",
    "password",
    "secret",
    "token",
)


class PrivateField(ValueError):  # noqa: N818
    """A log call tried to write a field that a log must not hold: a defect of ours, so it crashes."""


def refuse_private(_logger: object, _method: str, event: Event) -> Event:
    """Passes the event on, or raises `PrivateField`."""
    for name in event:
        if any(part in name.lower() for part in _PRIVATE):
            raise PrivateField(f"log field {name!r} could hold a person's data or a secret")
    return event


def configure(service: str, level: str) -> None:
    """Sets up JSON logging on standard error for this process. Other libraries' warnings come through the same line form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, refuse_private, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    _adopt_standard_logging(shared)


def _adopt_standard_logging(shared: list[Any]) -> None:
    """Libraries' own log lines: warnings and worse, in the same JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


def logger() -> structlog.typing.FilteringBoundLogger:
    """The process' logger: `log.info("slot_taken", slot=3)`."""
    return structlog.get_logger()  # type: ignore[no-any-return]  # structlog types it as Any
