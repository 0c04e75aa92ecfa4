"""The Java servers' jars: copied by Maven once, found again by the digest of the `pom.xml` that names them."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from wardstream.local import folders
from wardstream.local.java import java
from wardstream.runtime.failure import CannotRun

_POMS = Path(__file__).with_name("maven")
# The plugin by its version: which one a bare `dependency:` means changes with Maven's own.
_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
SERVERS = ("kafka", "dynamodb")
_TIMEOUT_S = 900


def folder(server: str) -> Path:
    """Where the jars of `server` are or will be. Another pom.xml means another folder, so half a copy is never taken."""
    digest = hashlib.sha256((_POMS / server / "pom.xml").read_bytes()).hexdigest()[:12]
    return folders.jars() / f"{server}-{digest}"


def present(server: str) -> Path:
    """The folder with the jars of `server`; `CannotRun` when they were never fetched."""
    where = folder(server)
    if not where.is_dir():
        raise CannotRun(f"the jars of {server} are not here: run `python -m wardstream.local.setup`")
    return where


def fetch(server: str) -> Path:
    """The folder with the jars of `server`, by Maven if they aren't there yet. `CannotRun` when Maven fails."""
    where = folder(server)
    if not where.is_dir():
        partial = where.with_name(where.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        _copy(server, partial)
        partial.rename(where)
    return where


def _copy(server: str, target: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotRun("Maven is not here: run `python -m wardstream.local.setup`")
    done = subprocess.run(  # noqa: S603 -- the arguments are ours
        [maven, "-B", "-q", "-f", str(_POMS / server / "pom.xml"), _GOAL, f"-DoutputDirectory={target}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
        env=_environment(),
    )
    if done.returncode != 0:
        raise CannotRun(f"Maven could not fetch {server}:\n{(done.stdout + done.stderr)[-2000:]}")


def _environment() -> dict[str, str]:
    # Maven looks for Java on PATH only, and doesn't know the wheel's.
    if shutil.which("java"):
        return dict(os.environ)
    return os.environ | {"JAVA_HOME": str(Path(java()).parents[1])}
