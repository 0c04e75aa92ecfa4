"""docker-compose.yml as it stands in the file."""

import re
from pathlib import Path

import msgspec
import yaml  # type: ignore[import-untyped]  # no stubs among the locked packages; what it reads is converted below

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
# In the order data flows.
OURS = (
    "mqtt_bridge",
    "acker",
    "stream_processor",
    "parquet_sink",
    "parquet_compact",
    "alarm_store",
    "iot_simulator",
)
# Behind a profile.
ON_DEMAND = ("sagemaker_training",)
ONE_SHOT = ("provision", "report")
# One-shot as well, but a command of people, which has options and no settings.
ISSUER = "certs"
OBSERVERS = ("prometheus", "grafana")

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+):-(?P<default>[^}]*)\}")


class Declared(msgspec.Struct, frozen=True):
    """What the tests look at in one service."""

    image: str
    environment: dict[str, str] = {}
    ports: tuple[str, ...] = ()
    container_name: str | None = None
    read_only: bool = False
    cap_drop: tuple[str, ...] = ()
    security_opt: tuple[str, ...] = ()
    mem_limit: str | None = None
    profiles: tuple[str, ...] = ()


def as_written() -> dict[str, Declared]:
    """The services, variables as they are written."""
    return msgspec.convert(yaml.safe_load(FILE.read_text())["services"], dict[str, Declared])


def environment(service: str) -> dict[str, str]:
    """What a service is given when nobody has set a variable."""
    given = as_written()[service].environment
    return {name: _VARIABLE.sub(lambda found: found["default"], text) for name, text in given.items()}
