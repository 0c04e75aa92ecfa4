"""A Compose project of its own name, ports and volumes, so that runs don't meet."""

import os
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from tests.compose import seen
from tests.compose.declared import ROOT, as_written
from wardstream.local.ports import free_ports
from wardstream.report.figures import Figures

_OBSERVE = ("--profile", "observe")
_REPORT = ("report", "/ledger/ledger.jsonl", "--report", "/dev/stdout")
_PORTS = (
    *("HOST_KAFKA_PORT", "HOST_MQTT_PORT", "HOST_MQTT_WEBSOCKET_PORT"),
    *("HOST_S3_PORT", "HOST_DYNAMODB_PORT", "HOST_PROMETHEUS_PORT", "HOST_GRAFANA_PORT"),
)
# Images are built first, which is pip's time; the rest is the servers'.
_BUILD_TIMEOUT_S = 1200.0
_UP_TIMEOUT_S = 600.0
_TIMEOUT_S = 120.0


class Failed(AssertionError):  # noqa: N818 -- a sentence, as the project's other failures are
    """A `docker compose` command ended with another code than 0; holds what it and the containers said."""


class Project:
    """`docker compose` with `docker-compose.yml`, for one project name and one set of variables."""

    def __init__(self, *over: str, **variables: str) -> None:
        """`over`: files that docker-compose.yml is overlaid with."""
        self._files = [part for file in ("docker-compose.yml", *over) for part in ("--file", file)]
        self.name = f"wardstream-test-{uuid.uuid4().hex[:8]}"
        ports = dict(zip(_PORTS, map(str, free_ports(len(_PORTS))), strict=True))
        self._environment = os.environ | ports | variables

    def build(self) -> None:
        """The images, from the working tree."""
        self.compose("build", "--quiet", timeout_s=_BUILD_TIMEOUT_S)

    def up(self, *arguments: str) -> None:
        """Starts what isn't running; returns once all that has a health check is healthy."""
        self._up((), arguments)

    def port(self, variable: str) -> int:
        """Where this machine reaches a server: HOST_…_PORT."""
        return int(self._environment[variable])

    def has_image(self, service: str) -> bool:
        """Whether the service's image is here or can be pulled."""
        image = as_written()[service].image
        try:
            seen.docker("image", "inspect", image)
        except subprocess.CalledProcessError:
            try:
                self.compose(*_OBSERVE, "pull", "--quiet", service, timeout_s=_UP_TIMEOUT_S)
            except Failed:
                return False
        return True

    def observe(self, *observers: str) -> None:
        """Starts these of the profile `observe` beside what runs; returns once they are healthy."""
        self._up(_OBSERVE, ("--no-recreate", *observers))

    def _up(self, profile: tuple[str, ...], arguments: tuple[str, ...]) -> None:
        self.compose(*profile, "up", "--detach", "--wait", *arguments, timeout_s=_UP_TIMEOUT_S)

    def down(self) -> None:
        """Removes containers, networks and volumes."""
        self.compose(*_OBSERVE, "down", "--volumes", "--timeout", "20")

    def figures(self, published: int, within_s: float) -> Figures:
        """The report's figures, once it holds for at least so many readings; `Failed` with the last report otherwise."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                figures = self._report()
            except Failed as failed:
                # What was raised a moment ago may not have reached the table: look again.
                last = str(failed)
            else:
                if figures.published >= published:
                    return figures
                last = str(figures)
            if time.monotonic() > deadline:
                raise Failed(
                    f"no report over {published} readings that holds within {within_s:.0f} s\n{last}"
                )

    def _report(self) -> Figures:
        told = self.compose("run", "--rm", "--no-TTY", "report", *_REPORT)
        return msgspec.json.decode(told[told.index("{") : told.rindex("}") + 1], type=Figures)

    def compose(self, *arguments: str, timeout_s: float = _TIMEOUT_S) -> str:
        """What `docker compose` prints, or `Failed`."""
        done = subprocess.run(
            (
                "docker",
                "compose",
                *self._files,
                "--progress",
                "quiet",
                "--project-name",
                self.name,
                *arguments,
            ),
            cwd=ROOT,
            env=self._environment,
            timeout=timeout_s,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Failed(
                f"docker compose {' '.join(arguments)}\n{done.stdout}\n{done.stderr}\n{self._complaints()}"
            )
        return done.stdout

    def containers(self, *services: str) -> list[seen.Container]:
        """The containers of these services, or of all; those that have ended too."""
        return [found for found in seen.containers(self.name) if not services or found.service in services]

    def _complaints(self) -> str:
        """The last lines of whoever isn't well."""
        poorly = [
            found
            for found in self.containers()
            if found.state.status != "running" or found.health not in ("healthy", "none")
        ]
        return "\n".join(f"--- {found.name} {found.state}\n{_last_lines(found)}" for found in poorly)


def _last_lines(container: seen.Container) -> str:
    said = subprocess.run(
        ("docker", "logs", "--tail", "15", container.id),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
    )
    return said.stdout


@contextmanager
def project(*over: str, **variables: str) -> Iterator[Project]:
    """A project that is gone afterwards, with all it made; arguments as `Project`'s."""
    made = Project(*over, **variables)
    try:
        yield made
    finally:
        made.down()
