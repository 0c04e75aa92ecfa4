"""Settings: read once at start from the environment (or files in /run/secrets), every fault told at once."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRETS = Path("/run/secrets")
# sysexits.h: the configuration is wrong.
EX_CONFIG = 78


class ServiceSettings(BaseSettings):
    """What every service has. A setting `kafka_bootstrap` is the variable KAFKA_BOOTSTRAP."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", secrets_dir=SECRETS if SECRETS.is_dir() else None
    )

    log_level: str = Field(
        "info", pattern="^(debug|info|warning|error)$", description="debug, info, warning or error"
    )
    health_host: str = Field("127.0.0.1", description="where /metrics, /live and /ready listen")
    health_port: int = Field(0, ge=0, le=65535, description="0: any free port, told in the log")


S = TypeVar("S", bound=ServiceSettings)


def load(settings: type[S], given: Mapping[str, Any] | None = None) -> S:
    """The settings, or one message that names every fault and how to mend it, and exit code 78.

    `given`, from a command line, by a setting's name, wins over the environment.
    """
    try:
        return settings(**(given or {}))
    except ValidationError as error:
        sys.stderr.write(explain(settings, error))
        raise SystemExit(EX_CONFIG) from None


def explain(settings: type[ServiceSettings], error: ValidationError) -> str:
    """The message `load` prints. Values are never repeated: one of them may be a secret."""
    lines = [f"{settings.__name__}: {error.error_count()} setting(s) to mend"]
    for fault in error.errors():
        name = str(fault["loc"][0]) if fault["loc"] else ""
        said = "is not set" if fault["type"] == "missing" else fault["msg"]
        field = settings.model_fields.get(name)
        meaning = f" ({field.description})" if field and field.description else ""
        lines.append(f"  {name.upper() or 'the settings together'}: {said}{meaning}")
    return "\n".join(lines) + "\n"
