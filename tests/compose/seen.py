"""What Docker itself says of a project's containers, volumes and networks."""

import subprocess

import msgspec


class Health(msgspec.Struct, frozen=True, rename="pascal"):
    """What the health check said last."""

    status: str


class State(msgspec.Struct, frozen=True, rename="pascal"):
    """Whether it runs; of an ended one, how it ended."""

    status: str
    exit_code: int
    health: Health | None = None


class Mount(msgspec.Struct, frozen=True, rename="pascal"):
    """A volume (which has a name) or a folder of this machine (which has none)."""

    type: str
    name: str = ""


class Configuration(msgspec.Struct, frozen=True, rename="pascal"):
    """How it was started."""

    user: str
    labels: dict[str, str]


class Container(msgspec.Struct, frozen=True, rename="pascal"):
    """A container, running or ended."""

    id: str
    name: str
    state: State
    config: Configuration
    mounts: tuple[Mount, ...]

    @property
    def service(self) -> str:
        """The Compose service it is one of."""
        return self.config.labels["com.docker.compose.service"]

    @property
    def health(self) -> str:
        """healthy, starting, unhealthy, or none where there is no check."""
        return self.state.health.status if self.state.health else "none"

    @property
    def volumes(self) -> set[str]:
        """The volumes it uses, nameless ones by the name that Docker gave."""
        return {mount.name for mount in self.mounts if mount.type == "volume"}


def containers(project: str) -> list[Container]:
    """All containers of a Compose project, ended ones too."""
    ids = _listed("ps", "--all", "--quiet", "--no-trunc", project=project)
    if not ids:
        return []
    return msgspec.json.decode(docker("inspect", *ids), type=list[Container])


def volumes() -> set[str]:
    """Every volume on this machine."""
    return set(docker("volume", "ls", "--quiet").split())


def left_of(project: str) -> list[str]:
    """Containers, volumes and networks that carry a project's label."""
    return [
        *_listed("ps", "--all", "--quiet", project=project),
        *_listed("volume", "ls", "--quiet", project=project),
        *_listed("network", "ls", "--quiet", project=project),
    ]


def _listed(*command: str, project: str) -> list[str]:
    return docker(*command, "--filter", f"label=com.docker.compose.project={project}").split()


def docker(*arguments: str) -> str:
    """What a `docker` command prints."""
    return subprocess.run(
        ("docker", *arguments), capture_output=True, text=True, check=True, timeout=60
    ).stdout
