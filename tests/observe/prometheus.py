"""Prometheus as a local process, with the project's own settings and rules; only DNS is replaced by what listens here."""

import os
import shutil
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import msgspec
import yaml  # type: ignore[import-untyped]  # no stubs among the locked packages

from tests.observe import provisioned
from wardstream.local import http_probe
from wardstream.local.children import Child, Command
from wardstream.local.ports import LOOPBACK, free_ports

MISSING = "no Prometheus here: make prometheus, or install it otherwise"
_READY_TIMEOUT_S = 60.0


class Sample(msgspec.Struct, frozen=True):
    """One line's value now; `value` is (seconds since 1970, number as text)."""

    metric: dict[str, str]
    value: tuple[float, str]


class _Result(msgspec.Struct, frozen=True):
    result: list[Sample]


class _Answer(msgspec.Struct, frozen=True):
    status: str
    data: _Result


class LoadedRule(msgspec.Struct, frozen=True, rename="camel"):
    """A rule as Prometheus sees it."""

    name: str
    health: str
    state: str
    last_error: str = ""


class _Group(msgspec.Struct, frozen=True):
    rules: list[LoadedRule]


class _Groups(msgspec.Struct, frozen=True):
    groups: list[_Group]


class _Rules(msgspec.Struct, frozen=True):
    data: _Groups


class Prometheus:
    """One that answers at `port`."""

    def __init__(self, port: int) -> None:
        self._url = f"http://{LOOPBACK}:{port}/api/v1"

    def query(self, expression: str) -> list[Sample]:
        """What the expression is now."""
        asked = urllib.parse.urlencode({"query": expression})
        return msgspec.json.decode(self._get(f"query?{asked}"), type=_Answer).data.result

    def rules(self) -> list[LoadedRule]:
        """Every rule it has loaded."""
        groups = msgspec.json.decode(self._get("rules"), type=_Rules).data.groups
        return [rule for group in groups for rule in group.rules]

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self._url}/{path}", timeout=30) as answer:
            return answer.read()  # type: ignore[no-any-return]  # bytes; typed as Any for the sake of other schemes


def binary() -> str | None:
    """Where Prometheus is, if it is installed. On GitHub it has to be: what is skipped there would never be run."""
    found = shutil.which("prometheus")
    assert found or "GITHUB_ACTIONS" not in os.environ, MISSING
    return found


@contextmanager
def scraping(folder: Path, ports: Mapping[str, int]) -> Iterator[Prometheus]:
    """A Prometheus that asks `ports` (by job) on this machine; gone when the block ends."""
    (port,) = free_ports(1)
    folder.mkdir(parents=True)
    settings = folder / "prometheus.yml"
    settings.write_text(yaml.safe_dump(_settings(ports)))
    started = Child(
        Command(
            name="prometheus",
            arguments=(
                str(binary()),
                f"--config.file={settings}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={LOOPBACK}:{port}",
            ),
            environment=os.environ,
            folder=folder,
            log=folder / "prometheus.log",
        )
    )
    try:
        ready = f"http://{LOOPBACK}:{port}/-/ready"
        started.wait_until(lambda: http_probe.status_of(ready) == HTTPStatus.OK, _READY_TIMEOUT_S)
        yield Prometheus(port)
    finally:
        started.stop()


def _settings(ports: Mapping[str, int]) -> dict[str, object]:
    settings: dict[str, object] = yaml.safe_load(provisioned.SETTINGS.read_text())
    settings["rule_files"] = [str(provisioned.RULES)]
    # Two evaluations within a test.
    settings["global"] = {"scrape_interval": "5s", "evaluation_interval": "5s"}
    settings["scrape_configs"] = [
        {"job_name": job, "static_configs": [{"targets": [f"{LOOPBACK}:{port}"]}]}
        for job, port in ports.items()
    ]
    return settings
